import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { unixTime } from './stamps.ts';

export interface LogQuery {
  containerId: string;
  /** Only frames whose stamp is not earlier. */
  since: string | undefined;
  follow: boolean;
  /** Only so many of the last frames. */
  tail?: number;
}

/** A container's log as it comes in; dockerode's own way to ask without `follow` would read all of it into memory. */
export function openLog(docker: Docker, query: LogQuery, abortSignal: AbortSignal): Promise<Readable> {
  const { containerId, since, follow, tail } = query;
  const options = {
    stdout: true,
    stderr: true,
    timestamps: true,
    follow,
    ...(since !== undefined && { since: unixTime(since) }),
    ...(tail !== undefined && { tail }),
  };
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path: `/containers/${containerId}/logs?`,
        method: 'GET',
        options,
        abortSignal,
        isStream: true,
        statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
      },
      (error: unknown, answer: unknown) => (error ? reject(error) : resolve(answer as Readable)),
    );
  });
}

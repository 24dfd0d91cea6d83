import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { unixTime } from './unix-time.ts';

export interface LogQuery {
  containerId: string;
  /** Earliest timestamp of the frames. */
  since: string | undefined;
  follow: boolean;
  /** Maximum number of frames, counted from the end. */
  tail?: number;
}

/** Opens a container's log as a stream; dockerode's own method without `follow` would read all of it into memory. */
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

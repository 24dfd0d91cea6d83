import type Docker from 'dockerode';
import { splitFrames } from './frames.ts';
import { type LogQuery, openLog } from './open-log.ts';

/** Frames to read beyond the known ones; fewer than that can be lost at the end of a log. */
const extraFrames = 100;

/**
 * Tells whether the container has ended and its log has only `known` frames from `since` on. Reads only the end of the
 * log. Needed as a stream also ends with the engine, and engines have dropped the last lines of a followed log
 * (moby/moby#43860).
 */
export async function isLogComplete(
  docker: Docker,
  { containerId, since }: Pick<LogQuery, 'containerId' | 'since'>,
  known: number,
  abortSignal: AbortSignal,
): Promise<boolean> {
  const count = async (): Promise<number> => {
    let found = 0;
    const query = { containerId, since, follow: false, tail: known + extraFrames };
    for await (const batch of splitFrames(await openLog(docker, query, abortSignal))) found += batch.length;
    return found;
  };
  const [{ State }, found] = await Promise.all([docker.getContainer(containerId).inspect({ abortSignal }), count()]);
  return !State.Running && found === known;
}

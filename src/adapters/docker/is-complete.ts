import type Docker from 'dockerode';
import { frames } from './frames.ts';
import { type LogQuery, openLog } from './open-log.ts';

/** Frames that are looked at beyond the known ones; fewer than that can be lost at an end. */
const slack = 100;

/**
 * True when the container has ended and its log holds no frame from `since` on but the `known` ones. A stream ends with the
 * engine too, and engines have dropped last lines of a followed log (moby/moby#43860). Looks at the log's end alone.
 */
export async function isComplete(
  docker: Docker,
  { containerId, since }: Pick<LogQuery, 'containerId' | 'since'>,
  known: number,
  abortSignal: AbortSignal,
): Promise<boolean> {
  const count = async (): Promise<number> => {
    let found = 0;
    const query = { containerId, since, follow: false, tail: known + slack };
    for await (const batch of frames(await openLog(docker, query, abortSignal))) found += batch.length;
    return found;
  };
  const [{ State }, found] = await Promise.all([docker.getContainer(containerId).inspect({ abortSignal }), count()]);
  return !State.Running && found === known;
}

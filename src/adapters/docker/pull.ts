import type Docker from 'dockerode';
import { pullFault } from '../../model/pull-fault.ts';
import { isUnreachable, messageOf } from './engine-errors.ts';

/**
 * Lets the engine pull an image. Throws `image_missing` with the hint, `registry_refused` if a retry may help, the
 * connection's error if the engine does not answer, and the signal's reason when aborted.
 */
export async function pull(docker: Docker, image: string, hint: string, signal: AbortSignal): Promise<void> {
  const stream = await docker.pull(image, { abortSignal: signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw isUnreachable(error) ? error : pullFault(image, messageOf(error), hint, error);
  });
  const [error, failure] = await new Promise<[Error | null, string | undefined]>((resolve) => {
    docker.modem.followProgress(stream, (error: Error | null, output: { error?: string }[] | undefined) => {
      resolve([error, output?.find((line) => line.error)?.error]);
    });
  });
  signal.throwIfAborted();
  if (failure !== undefined || error) throw pullFault(image, failure ?? String(error), hint, error);
}

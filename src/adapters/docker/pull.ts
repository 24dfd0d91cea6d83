import type Docker from 'dockerode';
import { pullFault } from '../../model/pull-fault.ts';
import { answerOf, isUnreachable } from './engine-errors.ts';

/**
 * Has the engine pull an image. Throws `image_missing`, with the hint, `registry_refused` where another try may help, and the
 * error of the connection where the engine itself does not answer. An abort throws the signal's reason.
 */
export async function pull(docker: Docker, image: string, hint: string, signal: AbortSignal): Promise<void> {
  const stream = await docker.pull(image, { abortSignal: signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw isUnreachable(error) ? error : pullFault(image, answerOf(error), hint, error);
  });
  const [error, failure] = await new Promise<[Error | null, string | undefined]>((resolve) => {
    docker.modem.followProgress(stream, (error: Error | null, output: { error?: string }[] | undefined) => {
      resolve([error, output?.find((line) => line.error)?.error]);
    });
  });
  signal.throwIfAborted();
  if (failure !== undefined || error) throw pullFault(image, failure ?? String(error), hint, error);
}

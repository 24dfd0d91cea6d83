import type Docker from 'dockerode';
import { Fault } from '../../model/fault.ts';
import { engineFault } from './engine-fault.ts';

export interface RegistryAccount {
  username: string;
  password: string;
}

/** Pushes an image of the engine to the registry that its name begins with. Throws `registry_refused`, `engine_unavailable`. */
export async function pushImage(
  docker: Docker,
  image: string,
  account: RegistryAccount | undefined,
  signal?: AbortSignal,
): Promise<void> {
  // The engine refuses a push without one, even where the registry asks for none.
  const authconfig = account ? { ...account, serveraddress: image.split('/')[0] ?? '' } : {};
  const stream = await docker
    .getImage(image)
    .push({ authconfig, ...(signal && { abortSignal: signal }) })
    .catch((error: unknown) => {
      signal?.throwIfAborted();
      throw engineFault(`pushing ${image}`, error);
    });
  // followProgress has no error of a push that was refused: it is in the output.
  const failure = await new Promise<string | undefined>((resolve) => {
    docker.modem.followProgress(stream, (error: Error | null, output: { error?: string }[]) =>
      resolve(error?.message ?? output?.find((line) => line.error)?.error),
    );
  });
  signal?.throwIfAborted();
  if (!failure) return;
  throw new Fault('registry_refused', `${image} was not pushed: ${failure}`, {
    hint: 'see that its registry answers, and that the account of REGISTRY_USERNAME or REGISTRY_AUTH_FILE may push there',
  });
}

import type Docker from 'dockerode';
import { Fault } from '../../model/fault.ts';
import { engineFault } from './engine-fault.ts';
import { progressFailure } from './progress-failure.ts';

export interface RegistryAccount {
  username: string;
  password: string;
}

/** Messages of registries and engines about an account that may not push. */
const denied = /unauthorized|denied|forbidden|authentication required|no basic auth|insufficient_scope/i;

/**
 * Pushes an image of the engine to the registry in its name. Throws `registry_denied` when the account may not push,
 * `registry_refused`, `engine_unavailable`.
 */
export async function pushImage(
  docker: Docker,
  image: string,
  account: RegistryAccount | undefined,
  signal?: AbortSignal,
): Promise<void> {
  // The engine rejects a push without it, even for a registry without authentication.
  const authconfig = account ? { ...account, serveraddress: image.split('/')[0] ?? '' } : {};
  const stream = await docker
    .getImage(image)
    .push({ authconfig, ...(signal && { abortSignal: signal }) })
    .catch((error: unknown) => {
      signal?.throwIfAborted();
      throw engineFault(`pushing ${image}`, error);
    });
  const failure = await progressFailure(docker, stream);
  signal?.throwIfAborted();
  if (!failure) return;
  throw new Fault(denied.test(failure) ? 'registry_denied' : 'registry_refused', `cannot push ${image}: ${failure}`, {
    hint: 'check that its registry answers and that the account of REGISTRY_USERNAME or REGISTRY_AUTH_FILE may push there',
  });
}

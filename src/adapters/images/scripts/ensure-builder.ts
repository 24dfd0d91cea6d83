import type Docker from 'dockerode';
import type { Fault } from '../../../model/fault.ts';
import { pullFault } from '../../../model/pull-fault.ts';
import type { AccountOf } from '../accounts.ts';
import { engineFault, statusOf } from '../engine-fault.ts';
import { findImage } from '../find-image.ts';
import { progressFailure } from '../progress-failure.ts';

/** Has the engine pull the builder's image, unless it has it. Throws `image_missing`, `engine_unavailable`, `registry_refused`. */
export async function ensureBuilder(
  docker: Docker,
  accountOf: AccountOf,
  builder: string,
  signal: AbortSignal,
): Promise<void> {
  if (await findImage(docker, builder)) return;
  // Without a tag, the engine would pull all of them.
  const name = /[:@][^/]+$/.test(builder) ? builder : `${builder}:latest`;
  const authconfig = await accountOf(name);
  const stream = await docker
    .pull(name, { abortSignal: signal, ...(authconfig && { authconfig }) })
    .catch((error: unknown) => {
      signal.throwIfAborted();
      if (statusOf(error) === undefined) throw engineFault(`pulling ${name}`, error);
      throw failed(name, error instanceof Error ? error.message : String(error));
    });
  const refused = await progressFailure(docker, stream);
  signal.throwIfAborted();
  if (refused !== undefined) throw failed(name, refused);
}

function failed(name: string, reason: string): Fault {
  return pullFault(`the builder ${name}`, reason, 'build.builder names an image that the engine has or can pull.');
}

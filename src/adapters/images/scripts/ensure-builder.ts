import type Docker from 'dockerode';
import type { Fault } from '../../../model/fault.ts';
import { pullFault } from '../../../model/pull-fault.ts';
import type { AccountOf } from '../accounts.ts';
import { engineFault, statusOf } from '../engine-fault.ts';
import { findImage } from '../find-image.ts';
import { progressFailure } from '../progress-failure.ts';

/** Pulls the builder's image unless the engine has it. Throws `image_missing`, `engine_unavailable`, `registry_refused`. */
export async function ensureBuilder(
  docker: Docker,
  accountOf: AccountOf,
  builder: string,
  signal: AbortSignal,
): Promise<void> {
  if (await findImage(docker, builder)) return;
  // Without a tag, the engine would pull all tags.
  const name = /[:@][^/]+$/.test(builder) ? builder : `${builder}:latest`;
  const authconfig = await accountOf(name);
  const stream = await docker
    .pull(name, { abortSignal: signal, ...(authconfig && { authconfig }) })
    .catch((error: unknown) => {
      signal.throwIfAborted();
      if (statusOf(error) === undefined) throw engineFault(`pulling ${name}`, error);
      throw builderFault(name, error instanceof Error ? error.message : String(error));
    });
  const failure = await progressFailure(docker, stream);
  signal.throwIfAborted();
  if (failure !== undefined) throw builderFault(name, failure);
}

function builderFault(name: string, reason: string): Fault {
  return pullFault(`the builder ${name}`, reason, 'Set build.builder to an image that the engine has or can pull.');
}

import { z } from 'zod';
import { Fault } from '../../model/fault.ts';
import { ApiError, isGone } from './api-errors.ts';
import type { Namespace } from './resources.ts';

const namespaceSchema = z.looseObject({ status: z.looseObject({ phase: z.string().default('') }).prefault({}) });

/**
 * Checks that runs can be created in the namespace. Throws `invalid_request` when it does not exist or is being
 * deleted, and ApiError when its pods cannot be listed: accounts of one namespace have no access to namespaces
 * themselves.
 */
export async function checkNamespace(namespace: Namespace, signal: AbortSignal): Promise<void> {
  const { api, name } = namespace;
  try {
    const found = namespaceSchema.parse(await api.call({ path: `/api/v1/namespaces/${name}`, signal }));
    if (found.status.phase !== 'Terminating') return;
  } catch (error) {
    if (isGone(error)) {
      throw new Fault('invalid_request', `the cluster has no namespace ${name}`, {
        hint: `kubectl create namespace ${name}, or set NAMESPACE to one that exists`,
        cause: error,
      });
    }
    if (!(error instanceof ApiError && error.status === 403)) throw error;
    await api.call({ path: namespace.path('Pod'), query: { limit: 1 }, signal });
    return;
  }
  throw new Fault('invalid_request', `namespace ${name} of the cluster is being deleted`, {
    hint: 'wait until it is gone and create it again, or set NAMESPACE to another one',
  });
}

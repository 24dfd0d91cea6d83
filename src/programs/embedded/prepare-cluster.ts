import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Api, createApi } from '../../adapters/kubernetes/api.ts';
import { apiFault, isConflict, isGone } from '../../adapters/kubernetes/api-errors.ts';
import type { Connection } from '../../adapters/kubernetes/connection.ts';
import { type Report, Stage } from './stage.ts';

const folder = new URL('../../../deploy/kubernetes/runner/', import.meta.url);
const objectSchema = z.looseObject({ apiVersion: z.string(), kind: z.string() });
const plurals: Record<string, string> = {
  ServiceAccount: 'serviceaccounts',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  PersistentVolumeClaim: 'persistentvolumeclaims',
};

/**
 * Creates the namespace and the objects of deploy/kubernetes/runner that it lacks. For the demo and for tests: in production
 * use `kubectl apply -k deploy/kubernetes`. Throws a Fault when the cluster refuses.
 */
export async function prepareCluster(connection: Connection, namespace: string, report: Report): Promise<void> {
  const stage = new Stage('kubernetes', report);
  const api = createApi(connection);
  try {
    await create(api, '/api/v1/namespaces', { metadata: { name: namespace } });
    for (const file of (await readdir(folder)).filter((name) => name !== 'kustomization.yaml').sort()) {
      const object = objectSchema.parse(parse(await readFile(new URL(file, folder), 'utf8')));
      const group = object.apiVersion.includes('/') ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`;
      await create(api, `${group}/namespaces/${namespace}/${plurals[object.kind]}`, object);
    }
    // A controller creates the service account; before that the namespace rejects pods.
    while (!(await exists(api, `/api/v1/namespaces/${namespace}/serviceaccounts/default`))) await pause(50);
  } catch (error) {
    throw apiFault(error, `preparing the namespace ${namespace} of ${connection.server}`);
  }
  stage.done(`namespace ${namespace} of ${connection.server} is ready`);
}

async function create(api: Api, path: string, body: object): Promise<void> {
  try {
    await api.call({ method: 'POST', path, body });
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
}

async function exists(api: Api, path: string): Promise<boolean> {
  try {
    await api.call({ path });
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { alone, cache, stage } from '../setup/tools.mjs';
import { kubeconfig, registry, state } from './place.mjs';
import { ask, storedToken } from './source/api.mjs';
import { ensurePrograms } from './source/build.mjs';
import { processes, removeCgroups } from './source/cgroups.mjs';
import { podNetworks, removeNamespace, removeNetwork, unmountBelow } from './source/network.mjs';
import { endAll, ready, stop } from './source/programs.mjs';
import { checkMachine, ensureRequirements } from './source/requirements.mjs';
import { containerdSocket, kubectl, runFolder, versions } from './source/settings.mjs';
import { nodeReady, startAll } from './source/start.mjs';

const lock = join(cache, 'cluster.lock');
const result = { kubeconfig, registry, kubectl };
/** The other way round, they are stopped. */
const order = [
  'containerd',
  'registry',
  'registry-port',
  'etcd',
  'apiserver',
  'controller-manager',
  'scheduler',
  'dns',
  'kubelet',
  'proxy',
];

/** Builds and starts a cluster of one node on this machine; one that answers is left as it is. */
export async function up() {
  await checkMachine();
  return alone(lock, async () => {
    const line = stage('cluster');
    if (await nodeReady(await storedToken())) {
      line.done('runs already');
      return result;
    }
    // Before anything is installed: without Go there is no cluster.
    await ensurePrograms();
    await ensureRequirements();
    await stopAll();
    await startAll();
    line.done(`Kubernetes ${versions.kubernetes} is ready, its registry is ${registry}`);
    return result;
  });
}

/** Stops all of it and removes its state; the programs that were built stay in the cache. */
export async function down() {
  await checkMachine();
  await alone(lock, async () => {
    const line = stage('cluster');
    await removePods(await storedToken());
    await stopAll();
    await rm(state, { recursive: true, force: true });
    await rm(runFolder, { recursive: true, force: true });
    line.done('stopped and removed');
  });
}

/** While the kubelet still runs, as it ends containers and takes their volumes away; nobody makes new pods meanwhile. */
async function removePods(token) {
  for (const name of ['scheduler', 'controller-manager']) await stop(name);
  const { status, text } = await ask(token, 'GET', '/api/v1/pods');
  if (status !== 200) return;
  const path = ({ metadata }) => `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
  for (const pod of JSON.parse(text).items) await ask(token, 'DELETE', `${path(pod)}?gracePeriodSeconds=1`);
  const gone = async () =>
    JSON.parse((await ask(token, 'GET', '/api/v1/pods')).text ?? '{"items":[]}').items.length === 0;
  await ready('kubelet', gone, 60).catch(() => undefined);
}

async function stopAll() {
  for (const name of [...order].reverse()) await stop(name);
  const left = await podNetworks(await processes());
  endAll(containerdSocket);
  for (const folder of [state, runFolder]) await unmountBelow(folder);
  await removeNetwork();
  await removeCgroups();
  for (const file of left) await removeNamespace(file);
}

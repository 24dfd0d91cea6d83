import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cache, stage, withLock } from '../setup/tools.mjs';
import { kubeconfig, registry, state } from './place.mjs';
import { ask, storedToken } from './source/api.mjs';
import { ensurePrograms } from './source/build.mjs';
import { processes, removeCgroups } from './source/cgroups.mjs';
import { podNetworks, removeNamespace, removeNetwork, unmountBelow } from './source/network.mjs';
import { killAll, ready, stop } from './source/programs.mjs';
import { checkMachine, ensureRequirements } from './source/requirements.mjs';
import { containerdSocket, kubectl, runFolder, versions } from './source/settings.mjs';
import { nodeReady, startAll } from './source/start.mjs';

const lock = join(cache, 'cluster.lock');
const result = { kubeconfig, registry, kubectl };
/** Stopped in reverse order. */
const startOrder = [
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

/** Builds and starts a single-node cluster on this machine, unless one is running. */
export async function up() {
  await checkMachine();
  return withLock(lock, async () => {
    const line = stage('cluster');
    if (await nodeReady(await storedToken())) {
      line.done('already running');
      return result;
    }
    // Fails without Go, before anything is installed.
    await ensurePrograms();
    await ensureRequirements();
    await stopAll();
    await startAll();
    line.done(`Kubernetes ${versions.kubernetes} is ready, its registry is ${registry}`);
    return result;
  });
}

/** Stops the cluster and removes its state. Keeps the built programs in the cache. */
export async function down() {
  await checkMachine();
  await withLock(lock, async () => {
    const line = stage('cluster');
    await removePods(await storedToken());
    await stopAll();
    await rm(state, { recursive: true, force: true });
    await rm(runFolder, { recursive: true, force: true });
    line.done('stopped and removed');
  });
}

/** Removes pods while the kubelet runs, which ends containers and unmounts volumes. Stops the controllers first. */
async function removePods(token) {
  for (const name of ['scheduler', 'controller-manager']) await stop(name);
  const { status, text } = await ask(token, 'GET', '/api/v1/pods');
  if (status !== 200) return;
  const path = ({ metadata }) => `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
  for (const pod of JSON.parse(text).items) await ask(token, 'DELETE', `${path(pod)}?gracePeriodSeconds=1`);
  const areGone = async () =>
    JSON.parse((await ask(token, 'GET', '/api/v1/pods')).text ?? '{"items":[]}').items.length === 0;
  await ready('kubelet', areGone, 60).catch(() => undefined);
}

async function stopAll() {
  for (const name of [...startOrder].reverse()) await stop(name);
  const leftovers = await podNetworks(await processes());
  killAll(containerdSocket);
  for (const folder of [state, runFolder]) await unmountBelow(folder);
  await removeNetwork();
  await removeCgroups();
  for (const file of leftovers) await removeNamespace(file);
}

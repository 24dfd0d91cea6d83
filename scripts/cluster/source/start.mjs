import { join } from 'node:path';
import { run, stage } from '../../setup/tools.mjs';
import { kubeconfig, registry, registryPort, state } from '../place.mjs';
import { ask } from './api.mjs';
import { makeCgroups } from './cgroups.mjs';
import { paths, writeFiles } from './files.mjs';
import { makeNetwork } from './network.mjs';
import { importPauseImage } from './pause-image.mjs';
import { ready, start } from './programs.mjs';
import { apiServer, containerdSocket, coredns, keys, kubernetes, network, nodeName } from './settings.mjs';

/** Starts all programs; prints one line per stage. Nothing of an earlier start may run. */
export async function startAll() {
  await runStage('network', `pods reach this machine at ${network.machine}`, makeNetwork);
  const token = await writeFiles();
  await runStage('containerd', 'running, with its pause image', startContainerd);
  await runStage('registry', `responds on ${registry}`, startRegistry);
  await runStage('apiserver', `responds on ${apiServer}`, () => startControlPlane(token));
  await runStage('node', `${nodeName} is ready`, () => startNode(token));
  await runStage('storage', 'volume claims use folders of this machine', () => makeStorage(token));
}

async function runStage(name, text, work) {
  const line = stage(name);
  await work();
  line.done(text);
}

async function startContainerd() {
  await makeCgroups();
  await start('containerd', 'containerd', ['--config', paths.containerd]);
  await ready('containerd', () =>
    run('ctr', ['--address', containerdSocket, 'version']).then(
      () => true,
      () => false,
    ),
  );
  await importPauseImage();
}

/** Starts the registry in the namespace, for the node, and a forwarder on loopback, for the engine. */
async function startRegistry() {
  await start('registry', 'docker-registry', ['serve', paths.registry]);
  const forward = join(import.meta.dirname, 'forward.mjs');
  const addresses = [String(registryPort), network.node, String(registryPort)];
  await start('registry-port', process.execPath, [forward, ...addresses], { inside: false });
  await ready('registry-port', () =>
    fetch(`http://${registry}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
}

async function startControlPlane(token) {
  const etcd = ['http://127.0.0.1:2379', 'http://127.0.0.1:2380'];
  await start('etcd', kubernetes, [
    ...['etcd', '--data-dir', join(state, 'etcd'), '--unsafe-no-fsync', '--listen-peer-urls', etcd[1]],
    ...['--listen-client-urls', etcd[0], '--advertise-client-urls', etcd[0]],
  ]);
  await start('apiserver', kubernetes, [
    ...['apiserver', `--etcd-servers=${etcd[0]}`, '--secure-port=6443', `--advertise-address=${network.node}`],
    ...[`--cert-dir=${keys}`, `--token-auth-file=${paths.tokens}`, '--authorization-mode=RBAC'],
    ...[`--service-cluster-ip-range=${network.services}`, '--allow-privileged=true'],
    ...['--service-account-issuer=https://kubernetes.default.svc', `--service-account-key-file=${paths.accountKey}`],
    ...[`--service-account-signing-key-file=${paths.accountKey}`, '--kubelet-preferred-address-types=InternalIP'],
  ]);
  await ready('apiserver', async () => (await ask(token, 'GET', '/readyz')).status === 200);
  await start('controller-manager', kubernetes, [
    ...[
      'controller-manager',
      `--kubeconfig=${kubeconfig}`,
      '--leader-elect=false',
      '--enable-hostpath-provisioner=true',
    ],
    ...[`--root-ca-file=${paths.certificate}`, `--service-account-private-key-file=${paths.accountKey}`],
  ]);
  await start('scheduler', kubernetes, ['scheduler', `--kubeconfig=${kubeconfig}`, '--leader-elect=false']);
}

async function startNode(token) {
  const startedAt = Date.now();
  await start('dns', coredns, ['-conf', paths.dns]);
  await start('kubelet', kubernetes, [
    ...[
      'kubelet',
      `--config=${paths.kubelet}`,
      `--kubeconfig=${kubeconfig}`,
      `--root-dir=${join(state, 'kubelet')}`,
      `--cert-dir=${keys}`,
    ],
    ...[`--node-ip=${network.node}`, `--hostname-override=${nodeName}`],
  ]);
  // A namespace cannot set limits of the kernel's connection table: 0 leaves them unchanged.
  await start('proxy', kubernetes, [
    ...['proxy', `--kubeconfig=${kubeconfig}`, '--proxy-mode=nftables', `--hostname-override=${nodeName}`],
    ...[
      '--conntrack-max-per-core=0',
      '--conntrack-tcp-timeout-established=0s',
      '--conntrack-tcp-timeout-close-wait=0s',
    ],
  ]);
  await ready('kubelet', () => nodeReady(token, startedAt));
}

async function makeStorage(token) {
  await ask(token, 'POST', '/apis/storage.k8s.io/v1/storageclasses', {
    metadata: { name: 'path', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'kubernetes.io/host-path',
  });
  const account = '/api/v1/namespaces/default/serviceaccounts/default';
  await ready('controller-manager', async () => (await ask(token, 'GET', account)).status === 200);
}

/** Returns true once the node is ready, with a heartbeat after `since`: the record of the node outlives a kubelet. */
export async function nodeReady(token, since = 0) {
  const { status, text = '{}' } = await ask(token, 'GET', `/api/v1/nodes/${nodeName}`);
  if (status !== 200) return false;
  const { conditions = [] } = JSON.parse(text).status;
  const isReady = ({ type, status: is, lastHeartbeatTime }) =>
    // Kubernetes truncates to whole seconds.
    type === 'Ready' && is === 'True' && Date.parse(lastHeartbeatTime) + 1000 > since;
  return conditions.some(isReady);
}

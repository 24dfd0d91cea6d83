import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists, run } from '../../setup/tools.mjs';
import { registryPort } from '../place.mjs';
import {
  apiServer,
  cgroup,
  containerdSocket,
  keys,
  kubeconfig,
  logs,
  network,
  pauseImage,
  runFolder,
  state,
} from './settings.mjs';

export const paths = {
  containerd: join(state, 'containerd.toml'),
  kubelet: join(state, 'kubelet.yaml'),
  registry: join(state, 'registry.yaml'),
  dns: join(state, 'Corefile'),
  tokens: join(keys, 'tokens.csv'),
  accountKey: join(keys, 'service-accounts.key'),
  certificate: join(keys, 'apiserver.crt'),
  cni: join(state, 'cni'),
};

const containerd = `version = 2
root = "${join(state, 'containerd')}"
state = "${join(runFolder, 'containerd')}"

[grpc]
  address = "${containerdSocket}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  disable_apparmor = true
  restrict_oom_score_adj = true

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${paths.cni}"
`;

const pods = {
  cniVersion: '1.0.0',
  name: 'brightbird-pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'pods',
      isGateway: true,
      ipMasq: true,
      hairpinMode: true,
      ipam: {
        type: 'host-local',
        dataDir: join(state, 'addresses'),
        ranges: [[{ subnet: network.pods }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
};

/** Written as JSON, which Kubernetes accepts as YAML. */
const kubelet = {
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  address: network.node,
  // Only this machine and the pods can reach the namespace.
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: 'AlwaysAllow' },
  cgroupDriver: 'cgroupfs',
  cgroupRoot: `/${cgroup}`,
  // A kubelet removes the logs of unknown pods, including those of another cluster.
  podLogsDir: join(state, 'pod-logs'),
  enforceNodeAllocatable: [],
  failCgroupV1: false,
  failSwapOn: false,
  featureGates: { KubeletInUserNamespace: true },
  containerRuntimeEndpoint: `unix://${containerdSocket}`,
  clusterDNS: [network.node],
  clusterDomain: 'cluster.local',
  resolvConf: '',
  evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%' },
  imageGCHighThresholdPercent: 100,
  serializeImagePulls: false,
};

const registry = {
  version: '0.1',
  storage: { filesystem: { rootdirectory: join(state, 'registry') }, delete: { enabled: true } },
  http: { addr: `0.0.0.0:${registryPort}` },
};

const dns = (resolver) => `. {
  bind ${network.node}
  errors
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig ${kubeconfig}
    fallthrough in-addr.arpa ip6.arpa
  }
  forward . ${resolver}
}
`;

const credentials = (token) => ({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'brightbird', cluster: { server: apiServer, 'certificate-authority': paths.certificate } }],
  users: [{ name: 'admin', user: { token } }],
  contexts: [{ name: 'brightbird', context: { cluster: 'brightbird', user: 'admin' } }],
  'current-context': 'brightbird',
});

/** Writes the configuration of the programs. Keeps earlier keys, which sign the tokens in pods. Returns the admin token. */
export async function writeFiles() {
  for (const folder of [keys, logs, paths.cni, runFolder]) await mkdir(folder, { recursive: true });
  if (!(await exists(paths.accountKey))) await run('openssl', ['genrsa', '-out', paths.accountKey, '2048']);
  const token = randomBytes(24).toString('base64url');
  const secret = { mode: 0o600 };
  await rm(kubeconfig, { force: true });
  await Promise.all([
    writeFile(paths.tokens, `${token},admin,admin,"system:masters"\n`, secret),
    writeFile(kubeconfig, JSON.stringify(credentials(token)), secret),
    writeFile(paths.containerd, containerd),
    writeFile(join(paths.cni, '10-pods.conflist'), JSON.stringify(pods)),
    writeFile(paths.kubelet, JSON.stringify(kubelet)),
    writeFile(paths.registry, JSON.stringify(registry)),
    writeFile(paths.dns, dns(await resolver())),
  ]);
  return token;
}

/** Returns the path of a resolv.conf without loopback name servers, which the namespace cannot reach. */
async function resolver() {
  const text = await readFile('/etc/resolv.conf', 'utf8');
  const stub = '/run/systemd/resolve/resolv.conf';
  return /^nameserver\s+127\./m.test(text) && (await exists(stub)) ? stub : '/etc/resolv.conf';
}

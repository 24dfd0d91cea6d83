import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import { root } from './run.ts';

export interface OverlaySettings {
  namespace: string;
  image: { name: string; tag: string };
  settings: Record<string, string>;
  secrets: Record<string, string>;
  /** Address of the registry for pods; the nodes use 127.0.0.1:<port>. */
  registry: { host: string; port: number; knownAs: number };
}

const deploy = join(root, 'deploy/kubernetes');
const literals = (values: Record<string, string>): string[] => Object.entries(values).map((pair) => pair.join('='));

/** Writes an overlay of deploy/kubernetes as a team does. Returns the folder for `kubectl -k`. */
export async function writeOverlay(folder: string, given: OverlaySettings): Promise<string> {
  const { namespace, image, settings, secrets, registry } = given;
  const { host, port, knownAs } = registry;
  // Only the node can reach registries such as kind's: each worker gets a sidecar that forwards to it.
  const passOn = `process.on('SIGTERM', () => process.exit()); require('node:net').createServer((a) => { const b = require('node:net').connect(${port}, '${host}');
    a.on('error', () => b.destroy()).pipe(b).on('error', () => a.destroy()).pipe(a); }).listen(${knownAs}, '127.0.0.1')`;
  const sidecar = {
    name: 'registry',
    restartPolicy: 'Always',
    image: 'brightbird/brightbird',
    args: ['-e', passOn],
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
  const patchOf = (name: string) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { template: { spec: { initContainers: [sidecar] } } },
  });
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace,
    resources: [relative(folder, deploy)],
    components: [relative(folder, join(deploy, 'own-volume'))],
    images: [{ name: 'brightbird/brightbird', newName: image.name, newTag: image.tag }],
    configMapGenerator: [
      { name: 'brightbird-settings', behavior: 'merge', literals: literals({ NAMESPACE: namespace, ...settings }) },
    ],
    secretGenerator: [{ name: 'brightbird-secrets', literals: literals(secrets) }],
    patches: ['brightbird-server', 'brightbird-worker'].map((name) => ({ patch: stringify(patchOf(name)) })),
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'kustomization.yaml'), stringify(kustomization));
  return folder;
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { connectKubeconfig } from '../../../src/adapters/kubernetes/kubeconfig.ts';
import { createKubernetesRuntime } from '../../../src/adapters/kubernetes/kubernetes-runtime.ts';
import { checkTemplates } from '../../../src/services/plugins/check-templates.ts';
import { dryRunTemplates } from '../../../src/services/plugins/dry-run-templates.ts';
import { readPlugin } from '../../../src/services/plugins/scan-plugin-store.ts';
import { noCluster } from '../../support/adapters/kubernetes/test-cluster.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

const yaml = `
name: stock-deploy
version: v1.0.0
pluginType: Deployer
inputSchema:
  type: object
  properties:
    mysqlDSN: {type: string}
    limits: {type: object, properties: {peers: {type: array, items: {type: string}}}}
    mode: {type: string, enum: [fast, slow]}
service: {image: "stock:1", ports: [{port: 8989}], replicas: 2}
`;

/** Templates as in the plugins of the original. */
const statefulset = `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: stock-{{.UniqueId}}
spec:
  replicas: {{.Replicas}}
  serviceName: stock-{{.UniqueId}}-svc
  selector:
    matchLabels:
      app: stock-{{.UniqueId}}-pod
  template:
    metadata:
      labels:
        app: stock-{{.UniqueId}}-pod
    spec:
      containers:
        - name: stock-{{.UniqueId}}
          image: "{{if gt (len .Registry) 0}}{{.Registry}}/{{end}}acme/stock:{{.CodeVersion}}"
          args: ["--mode={{.Mode}}"{{range .Limits.peers}}, "--peer={{.}}"{{end}}]
`;
const headless = `apiVersion: v1
kind: Service
metadata:
  name: stock-{{.UniqueId}}-service
spec:
  clusterIP: None
  selector:
    app: stock-{{.UniqueId}}-pod
  ports:
    - port: 8989
`;
const configmap = `apiVersion: v1
kind: ConfigMap
metadata:
  name: stock-{{.UniqueId}}
data:
  config.toml: |
    DSN = "{{.MysqlDSN}}"
    Type = "{{if gt (len .MysqlDSN) 0}}mysql{{else}}badger{{end}}"
`;

async function read(templates: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'brightbird-templates-'));
  folders.push(folder);
  for (const [name, text] of Object.entries({ 'plugin.yaml': yaml, ...templates })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const file = { file: 'plugin.yaml', form: 'declarative' as const };
  const plugin = await readPlugin(folder, file, () => Promise.reject(new Error('not a program')));
  checkTemplates(plugin);
  return plugin;
}

test('a declarative plugin can have the templates of the original with their file names', async () => {
  const { templates } = await read({
    'templates/stock-statefulset.yaml': statefulset,
    'templates/stock-headless.yaml': headless,
    'templates/stock-configmap.yaml': configmap,
  });
  expect(templates).toEqual({ statefulset, headless, configmap });
});

test.each(['stock-StatefulSet.yaml', 'stock-stateful-deployment.yaml', 'statefulset.yml'])(
  'the template %s is used for the StatefulSet',
  async (name) => {
    expect((await read({ [`templates/${name}`]: statefulset })).templates).toEqual({ statefulset });
  },
);

test.each<[string, Record<string, string>, RegExp, object]>([
  [
    'an unknown field',
    { 'statefulset.yaml': statefulset.replace('.Mode', '.Moode') },
    /templates\/statefulset\.yaml.*Moode/,
    { where: { line: 19 } },
  ],
  [
    'a broken action',
    { 'headless.yaml': headless.replace('}}-service', '-service') },
    /templates\/headless\.yaml/,
    { where: { line: 4 } },
  ],
  ['invalid YAML', { 'configmap.yaml': `${configmap} - x: [` }, /templates\/configmap\.yaml/, {}],
  [
    'another kind',
    { 'headless.yaml': configmap },
    /templates\/headless\.yaml.*kind is ConfigMap, not Service/,
    { where: { line: 2 } },
  ],
  [
    'a name that is the same in every test',
    { 'headless.yaml': headless.replace('-{{.UniqueId}}-service', '') },
    /templates\/headless\.yaml.*metadata\.name is stock/,
    { where: { line: 4 } },
  ],
  ['a file that is not a template', { 'ingress.yaml': headless }, /templates\/ingress\.yaml is not a template/, {}],
  [
    'two templates of one kind',
    { 'a-headless.yaml': headless, 'b-headless.yaml': headless },
    /templates\/a-headless\.yaml and templates\/b-headless\.yaml/,
    {},
  ],
])('a plugin whose templates have %s is refused when it is read', async (_title, templates, message, where) => {
  const named = Object.fromEntries(Object.entries(templates).map(([name, text]) => [`templates/${name}`, text]));
  await expect(read(named)).rejects.toMatchObject({
    code: 'plugin_invalid',
    message: expect.stringMatching(message),
    ...where,
  });
});

(noCluster ? describe.skip : describe)('the dry run of templates in a cluster', () => {
  const connection = noCluster ? undefined : connectKubeconfig(process.env.KUBECONFIG);
  const tried = async (templates: Record<string, string>, namespace = 'default') => {
    const plugin = await read(templates);
    const log = pino({ level: 'silent' });
    const runtime = connection && createKubernetesRuntime({ connection, namespace, log });
    return dryRunTemplates({ runtime, namespace }, plugin);
  };
  const all = {
    'templates/statefulset.yaml': statefulset,
    'templates/headless.yaml': headless,
    'templates/configmap.yaml': configmap,
  };

  test('accepts valid templates and creates nothing', async () => {
    expect(await tried(all)).toEqual({ checked: true });
    // If the first call had created objects, the second one would be a conflict.
    expect(await tried(all)).toEqual({ checked: true });
  });

  test.each([
    ['a field that the kind does not have', 'replicas: {{', 'replicass: {{', 6, /unknown field "spec.replicass"/],
    ['a field of a list member that does not exist', 'image: "', 'imagee: "', 18, /unknown field .*imagee"/],
    ['a value that the API server refuses', 'replicas: {{.Replicas}}', 'replicas: -1', 6, /spec.replicas/],
  ])('refuses %s with its line', async (_what, from, to, line, message) => {
    const refused = tried({ ...all, 'templates/statefulset.yaml': statefulset.replace(from, to) });
    await expect(refused).rejects.toMatchObject({
      code: 'plugin_invalid',
      message: expect.stringMatching(message),
      where: { file: 'templates/statefulset.yaml', line },
    });
  });

  test('is skipped for a plugin without templates, and gives the reason when it is not possible', async () => {
    expect(await tried({})).toBeUndefined();
    const away = await tried(all, 'no-such-namespace');
    expect(away).toEqual({ checked: false, reason: expect.stringContaining('no-such-namespace') });
  });
});

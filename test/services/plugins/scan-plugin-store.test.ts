import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseGraph } from '../../../src/language/flow/parse-graph.ts';
import { validateGraph } from '../../../src/language/flow/validate-graph.ts';
import { pluginDefSchema } from '../../../src/model/plugin.ts';
import { builtinPlugins } from '../../../src/services/plugins/builtin-plugins.ts';
import { type ReadInfo, scanPluginStore } from '../../../src/services/plugins/scan-plugin-store.ts';

let store: string;
beforeEach(async () => {
  store = await mkdtemp(join(tmpdir(), 'brightbird-plugins-'));
});
afterEach(() => rm(store, { recursive: true, force: true }));

async function put(file: string, content: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(join(store, file)), { recursive: true });
  await writeFile(join(store, file), content, { mode });
}

const readInfo: ReadInfo = async (path) => {
  if (path.endsWith('broken')) throw new Error('info ended with exit code 1');
  return pluginDefSchema.parse({ name: path.split('/').at(-1), version: 'v1.0.0', pluginType: 'Exec' });
};
const yaml = (name: string, more = '') =>
  `name: ${name}\nversion: v1.0.0\npluginType: Deployer\nservice: {image: x, ports: [{port: 80}]}\n${more}`;

describe('reading the plugin store', () => {
  test('finds declarative plugins and programs, with file and checksum, in order', async () => {
    await put('web/plugin.yaml', yaml('web'));
    await put('web/files/tool.sh', 'not a plugin', 0o755);
    await put('group/db/plugin.yaml', yaml('db'));
    await put('check', '#!/bin/sh\n', 0o755);
    await put('group/probe', 'x', 0o755);
    await put('notes.txt', 'x');
    await put('.hidden', 'x', 0o755);
    await put('a/b/c/plugin.yaml', yaml('too-deep'));
    await symlink('nowhere', join(store, 'dangling'));
    const { plugins, problems } = await scanPluginStore(store, readInfo);
    expect(problems).toEqual([]);
    expect(plugins.map(({ name, form, file }) => [name, form, file])).toEqual([
      ['check', 'executable', 'check'],
      ['db', 'declarative', 'group/db/plugin.yaml'],
      ['probe', 'executable', 'group/probe'],
      ['web', 'declarative', 'web/plugin.yaml'],
    ]);
    // sha256sum of the four bytes of `#!/bin/sh\n`
    expect(plugins[0]?.checksum).toBe('a8076d3d28d21e02012b20eaf7dbf75409a6277134439025f282e368e3305abf');
    expect(plugins[1]?.outputSchema).toMatchObject({ properties: { svcEndpoint: { type: 'string' } } });
  });

  test('finds nothing in a directory that does not exist', async () => {
    expect(await scanPluginStore(join(store, 'none'), readInfo)).toEqual({ plugins: [], problems: [] });
  });

  test.each([
    ['name: x\nbad: [', /line [23]/],
    [yaml('x', 'servce: {}\n'), /line 5, column 1: .*servce/],
    ['name: x\nversion: v1\npluginType: Deployer\n', /line 2, column 10: version: .*v1\.0\.0/],
    ['name: x\nversion: v1.0.0\npluginType: Deployer\n', /service: required, as it describes the deployment/],
    ['name: x\nversion: v1.0.0\npluginType: Deployer\nservice: {ports: [{port: 80}]}\n', /line 4.* has no image/],
    [yaml('x').replace('Deployer', 'Exec'), /line 3, column 13: a plugin.yaml describes a Deployer/],
    [yaml('x').replace('[{port: 80}]', '[]'), /line 4, column \d+: service\.ports/],
    [yaml('x').replace('port: 80', 'port: 99999'), /line 4, column \d+: service\.ports\[0\]\.port: Too big/],
    [yaml('x', 'inputSchema: {type: nonsense}\n'), /inputSchema is not a valid JSON Schema/],
    ['', /line 1/],
    [yaml('x', 'repo: "ext::sh -c x"\nimageTarget: x\n'), /repository "ext::sh -c x" is refused/],
    [yaml('x', 'repo: https://ann:pass@host/x\nimageTarget: x\n'), /"https:\/\/\*\*\*@host\/x" is refused/],
    [yaml('x', 'repo: https://host/x\nimageTarget: Team/X\n'), /imageTarget "Team\/X" is not a valid image name/],
  ])('reports %j with its place, and reads the other plugins', async (content, reason) => {
    await put('bad/plugin.yaml', content);
    await put('good/plugin.yaml', yaml('good'));
    await put('prog/broken', 'x', 0o755);
    const { plugins, problems } = await scanPluginStore(store, readInfo);
    expect(plugins.map(({ name }) => name)).toEqual(['good']);
    expect(problems).toEqual([
      { file: 'bad/plugin.yaml', reason: expect.stringMatching(reason) },
      { file: 'prog/broken', reason: 'info ended with exit code 1' },
    ]);
  });

  test('uses one of two files with the same plugin and version, and reports the other', async () => {
    await put('a/plugin.yaml', yaml('twin'));
    await put('b/plugin.yaml', yaml('twin'));
    const { plugins, problems } = await scanPluginStore(store, readInfo);
    expect(plugins.map(({ file }) => file)).toEqual(['a/plugin.yaml']);
    expect(problems).toEqual([{ file: 'b/plugin.yaml', reason: 'a/plugin.yaml already provides twin v1.0.0' }]);
  });
});

test('the example plugin and the example flow fit together', async () => {
  const examples = new URL('../../../examples/', import.meta.url).pathname;
  const { plugins, problems } = await scanPluginStore(join(examples, 'plugins'), readInfo);
  expect(problems).toEqual([]);
  const flow = parseGraph(await readFile(join(examples, 'flows/greeter-smoke.yaml'), 'utf8'));
  const steps = validateGraph(flow, [...builtinPlugins, ...plugins], { globals: {} });
  expect(steps.map(({ plugin }) => plugin.name)).toEqual(['greeter-deploy', 'http-check']);
});

test('the built-in plugins are valid plugins', () => {
  for (const { form, ...plugin } of builtinPlugins) {
    expect(form).toBe('builtin');
    expect(pluginDefSchema.parse(plugin)).toEqual(plugin);
  }
  expect(builtinPlugins.map(({ name }) => name)).toEqual(['bash', 'deploy-service', 'http-check', 'pvc', 'test-env']);
});

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Docker from 'dockerode';
import type { PluginDef } from '../../src/model/plugin.ts';
import type { WorkFile, WorkStep } from '../../src/model/work.ts';
import { ensureBaseImage } from '../../src/programs/embedded/base-image.ts';
import { parsePluginYaml } from '../../src/services/plugins/parse-plugin-yaml.ts';
import { step, Work } from '../support/runner/harness.ts';

const docker = new Docker();
const testId = randomBytes(4).toString('hex');
const labels = { testid: testId, 'brightbird.dev/run-id': testId };
const network = `brightbird-${testId}`;
const filters = { label: [`testid=${testId}`] };
let image: string;

beforeAll(async () => {
  image = await ensureBaseImage({}, docker, () => undefined);
  await docker.createNetwork({ Name: network, Labels: labels });
});
afterAll(async () => {
  await removeContainers();
  await docker.getNetwork(network).remove();
});

async function removeContainers(): Promise<void> {
  const left = await docker.listContainers({ all: true, filters });
  await Promise.all(left.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
}

const more = (): Partial<WorkFile> => ({ testId, runtime: { kind: 'docker', network, labels } });

/** A server that answers `status` on /healthz and with `body` elsewhere. */
const server = ({ port = 8080, status = 200, body = '"hello"', before = '' } = {}) => [
  'node',
  '-e',
  `${before}; require('node:http').createServer((q, r) => q.url === '/healthz' ? r.writeHead(${status}).end('no') : r.end(${body}))
    .listen(${port}, () => console.log('listening on ${port}')); process.on('SIGTERM', () => process.exit());`,
];

const deployed = (instance: string, input: object) =>
  step(instance, 'deploy-service', { image, ports: [{ port: 8080 }], ...input });

async function deploy(input: object) {
  await using work = await Work.create([deployed('it', input)], more());
  const run = await work.run();
  await removeContainers();
  return { end: run.end('it'), run };
}

function declarative(instance: string, yaml: string, input: Record<string, unknown> = {}): WorkStep {
  const def: PluginDef = parsePluginYaml(yaml, 'plugin.yaml');
  return { instance, plugin: def.name, input, def: { ...def, form: 'declarative' } };
}

describe('deploying a service', () => {
  test('a deployment waits until all replicas are ready and returns its names and its URL', async () => {
    await using work = await Work.create(
      [
        deployed('My_Greeter', { command: server(), replicas: 2, readiness: { path: '/healthz' }, env: { A: 'b' } }),
        step('after', 'bash', { script: 'echo {{My_Greeter.svcEndpoint}}' }),
      ],
      { ...more(), versions: { 'deploy-service': 'v3' } },
    );
    const run = await work.run();
    expect(run.end('My_Greeter')?.outputs).toEqual({
      codeVersion: 'v3',
      instanceName: 'My_Greeter',
      deployName: `my-greeter-${testId}`,
      statefulSetName: `my-greeter-${testId}`,
      configMapName: `my-greeter-${testId}`,
      svcName: 'my-greeter',
      svcEndpoint: 'http://my-greeter:8080',
    });
    expect(run.printed).toContain('http://my-greeter:8080');
    expect(run.printed).toContainEqual(
      expect.stringMatching(
        /^My_Greeter-1: ready after \d+\.\d s, GET http:\/\/my-greeter-1:8080\/healthz answered 200$/,
      ),
    );
    const containers = await docker.listContainers({ filters });
    expect(containers.map(({ Names }) => Names[0]).sort()).toEqual([
      `/my-greeter-${testId}-0`,
      `/my-greeter-${testId}-1`,
    ]);
    for (const { Id } of containers) {
      const { Config, NetworkSettings } = await docker.getContainer(Id).inspect();
      expect(Config.Labels).toMatchObject({
        ...labels,
        apptype: 'component',
        'brightbird.dev/role': 'component',
        'brightbird.dev/source': expect.stringMatching(/^My_Greeter-[01]$/),
      });
      expect(Config.Env).toContain('A=b');
      expect(NetworkSettings.Networks[network]?.Aliases).toContain('my-greeter');
    }
    await removeContainers();
  });

  test('a declarative plugin fills inputs, globals and names into its description and config files into its containers', async () => {
    const yaml = `
name: files
version: v1.0.0
pluginType: Deployer
repo: https://git.example.com/x.git
imageTarget: x/y
inputSchema: {type: object, properties: {port: {type: integer, default: 8080}, word: {type: string}}, additionalProperties: false}
service:
  command: ${JSON.stringify(server({ body: "require('node:fs').readFileSync('/etc/greeter/conf.txt')" }))}
  configFiles: [{path: /etc/greeter/conf.txt, content: "{{input.word}} {{global.logLevel}} {{testId}} {{instanceName}} \\\\{{x}}"}]
  ports: [{port: "{{input.port}}"}]
  env: {PORT: "{{input.port}}"}
`;
    await using work = await Work.create([declarative('files', yaml, { word: 'hi' })], {
      ...more(),
      images: { files: image },
      commits: { files: 'c0ffee' },
    });
    const run = await work.run();
    expect(run.end('files')).toMatchObject({ state: 'success', outputs: { codeVersion: 'c0ffee' } });
    const [container] = await docker.listContainers({ filters });
    const address = container?.NetworkSettings.Networks[network]?.IPAddress;
    const text = await (await fetch(`http://${address}:8080/`)).text();
    expect(text).toBe(`hi DEBUG ${testId} files {{x}}`);
    await removeContainers();
  });

  test('a deployment replaces the containers of a killed try of the same instance only', async () => {
    const slow = { command: server({ status: 503 }), readiness: { path: '/healthz', timeoutSeconds: 600 } };
    await using work = await Work.create([deployed('other', { command: server() }), deployed('it', slow)], more());
    const first = work.start();
    await until(async () => (await docker.listContainers({ filters })).length === 2 && running('it-0'));
    first.child.kill('SIGKILL');
    await first.ended;
    const before = await docker.listContainers({ all: true, filters });
    const second = work.start();
    await until(async () => {
      const now = await docker.listContainers({ filters });
      return now.length === 2 && !before.every(({ Id }) => now.some((one) => one.Id === Id));
    });
    const after = await docker.listContainers({ all: true, filters });
    const idOf = (list: typeof before, name: string) => list.find(({ Names }) => Names[0]?.startsWith(`/${name}-`))?.Id;
    expect(after).toHaveLength(2);
    expect(idOf(after, 'other')).toBe(idOf(before, 'other'));
    expect(idOf(after, 'it')).not.toBe(idOf(before, 'it'));
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(143);
    expect(second.end('it')?.state).toBe('canceled');
    await removeContainers();
  });
});

async function running(source: string): Promise<boolean> {
  const label = [...filters.label, `brightbird.dev/source=${source}`];
  return (await docker.listContainers({ filters: { label } })).length === 1;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 25));
}

describe('a service that does not come up', () => {
  test('a service that ends before it is ready fails at once with its exit code and last lines', async () => {
    const { end } = await deploy({
      command: ['sh', '-c', 'echo no database given >&2; exit 42'],
      readiness: { timeoutSeconds: 600 },
    });
    expect(end?.error).toMatchObject({
      code: 'component_not_ready',
      message: 'it-0 ended with exit code 42 before it was ready; its last lines: \nno database given',
      where: { step: 'it' },
    });
  });

  test('a service fails when one of its replicas ends', async () => {
    const before = 'if (require("node:os").hostname() === "it-1") { console.log("I am the second"); process.exit(3) }';
    const { end } = await deploy({
      command: server({ status: 503, before }),
      replicas: 2,
      readiness: { path: '/healthz', timeoutSeconds: 600 },
    });
    expect(end?.error?.message).toMatch(/^it-1 ended with exit code 3 .*I am the second$/s);
  });

  test('a service that never becomes ready fails with the request, the response and its last lines', async () => {
    const { end } = await deploy({
      command: server({ status: 503 }),
      readiness: { path: '/healthz', timeoutSeconds: 1.5 },
    });
    expect(end?.error).toMatchObject({ code: 'component_not_ready', where: { step: 'it' } });
    expect(end?.error?.message).toMatch(
      /it-0 was not ready after 1.5 s: GET http:\/\/it-0:8080\/healthz answered 503; its last lines: \nlistening on 8080/,
    );
  });

  test('a failed try leaves no container that blocks the next try', async () => {
    const input = { image, ports: [{ port: 8080 }], command: server({ status: 503 }) };
    const readiness = { path: '/healthz', timeoutSeconds: 1 };
    const it = step('it', 'deploy-service', { ...input, readiness }, { retry: { attempts: 2 } });
    await using work = await Work.create([it], more());
    const run = await work.run();
    const left = await docker.listContainers({ all: true, filters });
    await removeContainers();
    expect(run.end('it')).toMatchObject({ tries: 2, error: { code: 'component_not_ready' } });
    expect(left).toHaveLength(1);
  });

  test.each([{ path: '/healthz' }, {}])(
    'a service that does not listen on its port fails with the ports of its image (%j)',
    async (asked) => {
      const name = `brightbird-test/exposing-${testId}`;
      const container = await docker.createContainer({ Image: image, Cmd: ['true'], Labels: labels });
      await container.commit({ repo: name, tag: '1', changes: 'EXPOSE 9999' });
      const { end } = await deploy({
        image: `${name}:1`,
        command: server({ port: 9999 }),
        readiness: { ...asked, timeoutSeconds: 1.5 },
      });
      await docker.getImage(`${name}:1`).remove();
      expect(end?.error?.code).toBe('port_not_served');
      expect(end?.error?.message).toMatch(
        /it-0 does not listen on port 8080; its image \S+ exposes 9999; .*listening on 9999/s,
      );
    },
    30_000,
  );

  test('an unavailable registry is retried, and then is an infrastructure fault with the image', async () => {
    const { end, run } = await deploy({ image: 'brightbird-test.invalid/no-such-image:1' });
    expect(end?.error).toMatchObject({
      code: 'registry_refused',
      message: expect.stringMatching(/brightbird-test.invalid\/no-such-image:1/),
    });
    expect(run.printed.filter((line) => line.includes('trying again'))).toHaveLength(3);
  });

  test.each([
    '/nginx',
    'http://127.0.0.1:5000/x',
    '../containers',
    'https://ghcr.io/acme/web:1',
    'Nginx:Latest',
    'nginx:',
    'a b',
    'x?y=1',
    'x#y',
  ])('an image that resolves to %j is rejected, and the runner continues', async (image) => {
    const { end, run } = await deploy({ image });
    expect(end?.error).toMatchObject({ code: 'input_invalid', where: { path: 'input.image' } });
    expect(end?.error?.message).toMatch(/^input\.image is not the name of an image/);
    expect(run.story.at(-1)).toBe('runner.end error');
  });

  test.each(['../networks', '/data', 'x?y=1'])('a volume that resolves to %j is rejected', async (name) => {
    const { end } = await deploy({ volumes: [{ name, mountPath: '/data' }] });
    expect(end?.error).toMatchObject({ code: 'input_invalid', where: { path: 'input.volumes[0].name' } });
  });

  test('a missing command fails with the message of the engine', async () => {
    const { end } = await deploy({ command: ['/no/such/command'] });
    expect(end?.error).toMatchObject({
      code: 'component_not_ready',
      message: expect.stringMatching(/no\/such\/command/),
    });
  });

  test('a deployment that exceeds the timeout of its step ends with step_timeout', async () => {
    await using work = await Work.create(
      [{ ...deployed('it', { command: server({ status: 503 }), readiness: { path: '/healthz' } }), timeoutMs: 3000 }],
      more(),
    );
    const run = await work.run();
    expect(run.end('it')?.error).toMatchObject({ code: 'step_timeout', where: { step: 'it' } });
    await removeContainers();
  });
});

test.each([
  [{ ports: [{ port: 70000 }] }, 'input.ports[0].port'],
  [{ replicas: 0 }, 'input.replicas'],
  [{ configFiles: [{ path: 'relative', content: '' }] }, 'input.configFiles[0].path'],
])('a service with %j is rejected with the path', async (input, path) => {
  const { end } = await deploy(input);
  expect(end?.error).toMatchObject({ code: 'input_invalid', where: { path, step: 'it' } });
});

test('a description with a port that is not a number is rejected with its path', async () => {
  const yaml = `
name: bad
version: v1.0.0
pluginType: Deployer
service: {image: x, ports: [{port: "{{input.port}}"}]}
`;
  await using work = await Work.create([declarative('bad', yaml, { port: 'http' })], more());
  const run = await work.run();
  expect(run.end('bad')?.error).toMatchObject({
    code: 'input_invalid',
    where: { path: 'service.ports[0].port', step: 'bad' },
  });
});

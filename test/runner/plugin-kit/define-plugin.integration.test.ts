import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pluginDefSchema } from '../../../src/model/plugin.ts';
import { lastJsonObject } from '../../../src/runner/last-json.ts';
import { outputOf } from '../../../src/runner/protocol.ts';

const kit = pathToFileURL(join(import.meta.dirname, '../../../src/runner/plugin-kit/define-plugin.ts'));
const description = {
  name: 'adder',
  version: 'v1.2.3',
  pluginType: 'Exec',
  description: 'adds',
  inputSchema: { type: 'object', properties: { a: { type: 'number' } } },
  outputSchema: { type: 'object', properties: { sum: { type: 'number' } } },
  labels: ['math'],
};
const context = {
  namespace: 'brightbird',
  testID: '0badcafe',
  retry: 2,
  registry: '',
  global: { logLevel: 'DEBUG' },
  nodes: {
    before: { input: {}, output: { token: 't' } },
    add: { input: { a: 1, b: 2 }, output: {} },
  },
  currentContext: 'add',
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'brightbird-kit-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let programs = 0;
/** Runs a plugin with this body of `run` as a separate program. */
async function runPlugin(body: string, { args = [], stdin = '' }: { args?: string[]; stdin?: string } = {}) {
  programs += 1;
  const file = join(folder, `plugin-${programs}.mjs`);
  await writeFile(
    file,
    `import { definePlugin } from ${JSON.stringify(kit.href)};
await definePlugin({ ...${JSON.stringify(description)}, async run(input, context) { ${body} } });\n`,
  );
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  // A program that ignores its stdin may end before everything is written.
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { stdout, stderr, code };
}
const runStep = (body: string, stdin = `${JSON.stringify(context)}\n`) => runPlugin(body, { stdin });

describe('a plugin made with the kit', () => {
  test('a plugin prints its description for `info`, without running or reading anything', async () => {
    const { stdout, stderr, code } = await runPlugin('throw new Error("ran")', { args: ['info'] });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual(description);
    expect(stdout.trimEnd()).not.toContain('\n');
    expect(pluginDefSchema.parse(JSON.parse(stdout))).toEqual(description);
  });

  test('a plugin gets its input and its context, and returns the context with its output', async () => {
    const { stdout, code } = await runStep(
      'return { sum: input.a + input.b, for: context.testID, mine: context.currentContext }',
    );
    expect(code).toBe(0);
    const output = { sum: 3, for: '0badcafe', mine: 'add' };
    const nodes = { ...context.nodes, add: { input: { a: 1, b: 2 }, output } };
    expect(JSON.parse(stdout)).toEqual({ ...context, nodes });
  });

  test('the runner reads the output of a plugin, also after other printed lines', async () => {
    const { stdout } = await runStep('console.log("adding"); console.log({ not: "it" }); return { sum: 3 }');
    expect(stdout.startsWith('adding\n')).toBe(true);
    expect(outputOf(lastJsonObject(stdout), 'add')).toEqual({ sum: 3 });
  });

  test('a plugin sees the outputs of earlier steps', async () => {
    const { stdout } = await runStep('return { token: context.nodes.before.output.token, retry: context.retry }');
    expect(outputOf(lastJsonObject(stdout), 'add')).toEqual({ token: 't', retry: 2 });
  });

  test('a plugin may be asynchronous', async () => {
    const { stdout, code } = await runStep('await new Promise((end) => setTimeout(end, 100)); return { late: true }');
    expect(code).toBe(0);
    expect(outputOf(lastJsonObject(stdout), 'add')).toEqual({ late: true });
  });

  test('a plugin may return nothing', async () => {
    const { stdout, code } = await runStep('console.log("done")');
    expect(code).toBe(0);
    expect(outputOf(lastJsonObject(stdout), 'add')).toEqual({});
  });

  test('a plugin may return more than a pipe holds', async () => {
    const { stdout } = await runStep('return { text: "é".repeat(300_000) }');
    expect(outputOf(lastJsonObject(stdout), 'add')).toEqual({ text: 'é'.repeat(300_000) });
  });
});

describe('a failed plugin exits with 1, its reason on stderr, and no result', () => {
  test.each([
    ['at once', 'throw new Error("the sum is wrong")', 'the sum is wrong\n'],
    ['later', 'await null; throw new Error("too late")', 'too late\n'],
    ['with a value that is not an Error', 'throw "just a text"', 'just a text\n'],
    [
      'because its output cannot be JSON',
      'const a = {}; a.a = a; return a',
      expect.stringContaining('circular structure'),
    ],
  ])('a plugin fails %s', async (_, body, stderr) => {
    expect(await runStep(body)).toEqual({ code: 1, stdout: '', stderr });
  });

  test.each([
    ['nothing', ''],
    ['not JSON', 'hello\n'],
    ['half of its context', JSON.stringify(context).slice(0, 40)],
    ['null', 'null'],
  ])('a plugin fails when its stdin is %s', async (_, stdin) => {
    const { code, stdout, stderr } = await runStep('return { sum: 3 }', stdin);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).not.toBe('');
  });

  test('a plugin that fails after printing JSON has no result', async () => {
    const { code, stdout } = await runStep('console.log("looking"); throw new Error("no")');
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'looking\n' });
  });
});

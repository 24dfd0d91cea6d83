import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { pluginDefSchema } from '../../src/model/plugin.ts';
import type { WorkFile, WorkStep } from '../../src/model/work.ts';
import { Work } from '../support/runner/harness.ts';

const kit = fileURLToPath(new URL('../../src/runner/plugin-kit/define-plugin.ts', import.meta.url));

/** Runs one step with a program of the plugin store; `content` is its file in the store. */
async function runPlugin(
  content: string,
  more: {
    registered?: string;
    file?: string;
    input?: WorkStep['input'];
    def?: Partial<WorkStep['def']>;
    work?: Partial<WorkFile>;
  } = {},
) {
  const { registered = content, file = 'program', input = {} } = more;
  const def: WorkStep['def'] = {
    name: 'mine',
    version: 'v1.0.0',
    pluginType: 'Exec',
    description: '',
    inputSchema: { type: 'object' },
    outputSchema: { type: 'object' },
    labels: [],
    form: 'executable',
    file,
    checksum: createHash('sha256').update(registered).digest('hex'),
    ...more.def,
  };
  await using work = await Work.create([{ instance: 'it', plugin: 'mine', input, def }], more.work);
  const path = join(work.directory, 'plugins', file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content, { mode: 0o755 });
  const run = await work.run();
  return { end: run.end('it'), run };
}

describe('an executable plugin', () => {
  test('a plugin in sh gets one line of JSON and returns the last object that it prints', async () => {
    const script = `#!/bin/sh
read -r line
rest=$(cat)
echo "rest: [$rest]"
name=$(echo "$line" | sed 's/.*"greet":"\\([a-z]*\\)".*/\\1/')
echo '{"early": true}'
echo "{\\"said\\": \\"hello $name\\"}"
echo bye
`;
    const { end, run } = await runPlugin(script, { input: { greet: 'world' } });
    expect(end).toMatchObject({ state: 'success', outputs: { said: 'hello world' } });
    expect(run.printed[0]).toBe('rest: []');
  });

  test.each(['output', 'OutPut'])('a plugin may return the whole context, with its output as %s', async (key) => {
    const context = {
      nodes: { other: {}, it: { input: {}, [key]: { token: 't' } } },
      currentContext: 'it',
      global: {},
    };
    const { end } = await runPlugin(`#!/bin/sh\ncat <<'END'\n${JSON.stringify(context, null, 2)}\nEND\n`);
    expect(end?.outputs).toEqual({ token: 't' });
  });

  test('a plugin gets all globals as strings, like the map[string]string of the original', async () => {
    const globals = { logLevel: 'DEBUG', peers: 3, ratio: 0.5, fast: true };
    const { end } = await runPlugin('#!/bin/sh\nread -r line\necho "{\\"got\\": $line}"\n', { work: { globals } });
    const global = { logLevel: 'DEBUG', peers: '3', ratio: '0.5', fast: 'true' };
    expect(end?.outputs).toMatchObject({ got: { global } });
  });

  test('a deploy plugin has the outputs of every component, overridden by its own', async () => {
    const program = `#!/bin/sh\necho '{"svcEndpoint": "http://a:1", "deployName": "own"}'\n`;
    const outputSchema = {
      type: 'object',
      properties: { svcEndpoint: {}, deployName: {} },
      additionalProperties: false,
    };
    const def = { pluginType: 'Deployer' as const, outputSchema };
    const { end } = await runPlugin(program, { def, work: { versions: { mine: 'v7' } } });
    expect(end?.outputs).toEqual({
      ...{ codeVersion: 'v7', instanceName: 'it', deployName: 'own', svcEndpoint: 'http://a:1' },
    });
  });

  test('a plugin that returns its context unchanged has no output', async () => {
    const { end } = await runPlugin('#!/bin/sh\ncat\n');
    expect(end).toMatchObject({ state: 'success', outputs: {} });
  });

  test('a plugin that ignores its input and prints nothing succeeds without an output', async () => {
    const { end } = await runPlugin('#!/bin/sh\nexit 0\n');
    expect(end).toMatchObject({ state: 'success', outputs: {} });
  });

  test('a failed plugin reports the last lines of its stderr', async () => {
    const { end } = await runPlugin('#!/bin/sh\nseq 1 30 >&2; echo "wrong balance" >&2; exit 2\n');
    expect(end?.error?.code).toBe('step_failed');
    expect(end?.error?.message).toMatch(/^plugin mine ended with exit code 2: 22\n.*30\nwrong balance$/s);
  });

  test('a plugin with a changed file is not run', async () => {
    const { end, run } = await runPlugin('#!/bin/sh\necho ran\n', { registered: 'another' });
    expect(end?.error).toMatchObject({
      code: 'plugin_invalid',
      message: expect.stringMatching(/differs from the registered one/),
    });
    expect(run.printed).toEqual([]);
  });

  test('a plugin with a missing interpreter is reported as invalid', async () => {
    const { end } = await runPlugin('#!/no/such/interpreter\n');
    expect(end?.error).toMatchObject({ code: 'plugin_invalid', message: expect.stringMatching(/cannot start plugin/) });
  });

  test('a plugin made with the kit answers info with its description', async () => {
    await using work = await Work.create([]);
    const file = join(work.directory, 'adder.mts');
    const source = `import { definePlugin } from '${kit}';
await definePlugin({ name: 'adder', version: 'v1.0.0', pluginType: 'Exec', labels: ['sum'], run: () => ({}) });`;
    await writeFile(file, source);
    const { stdout } = spawnSync(process.execPath, [file, 'info']);
    expect(pluginDefSchema.parse(JSON.parse(stdout.toString()))).toMatchObject({ name: 'adder', labels: ['sum'] });
  });

  test('a plugin in TypeScript needs a few lines with the kit', async () => {
    const source = `#!/usr/bin/env node
import { definePlugin } from '${kit}';
await definePlugin({
  name: 'adder', version: 'v1.0.0', pluginType: 'Exec',
  run({ a, b }: { a: number; b: number }, context) {
    console.log('adding for', context.testID);
    if (a < 0) throw new Error('a is negative');
    return { sum: a + b };
  },
});
`;
    const good = await runPlugin(source, { file: 'adder.mts', input: { a: 2, b: 3 } });
    expect(good.end).toMatchObject({ state: 'success', outputs: { sum: 5 } });
    expect(good.run.printed[0]).toBe('adding for 0badcafe');
    const bad = await runPlugin(source, { file: 'adder.mts', input: { a: -2, b: 3 } });
    expect(bad.end?.error?.message).toBe('plugin mine ended with exit code 1: a is negative');
  });
});

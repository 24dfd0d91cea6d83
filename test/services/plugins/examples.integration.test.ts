import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Docker from 'dockerode';
import { pino } from 'pino';
import { createDockerRuntime } from '../../../src/adapters/docker/docker-runtime.ts';
import { ensureRunnerImage } from '../../../src/adapters/images/runner-image/ensure-runner-image.ts';
import { pluginDefSchema } from '../../../src/model/plugin.ts';
import type { WorkStep } from '../../../src/model/work.ts';
import { ensureBaseImage } from '../../../src/programs/embedded/base-image.ts';
import { checksumOf } from '../../../src/services/plugins/checksum.ts';
import { createReadInfo } from '../../../src/services/plugins/read-info.ts';
import { readPlugin } from '../../../src/services/plugins/scan-plugin-store.ts';
import { ended, linesOf, never, newRun, shellSpec, stateOf } from '../../support/model/engine/runs.ts';
import { Work } from '../../support/runner/harness.ts';

const examples = fileURLToPath(new URL('../../../examples/plugins', import.meta.url));
const docker = new Docker();
const log = pino({ level: 'silent' });
const runtime = createDockerRuntime({ docker, log, registry: '' });
let image: string;
let cache: string;

beforeAll(async () => {
  const baseImage = await ensureBaseImage({}, docker, () => undefined);
  image = await ensureRunnerImage({ docker, baseImage, registry: '', log });
  cache = await mkdtemp(join(tmpdir(), 'brightbird-examples-'));
});
// The image stays, as every runner of this content uses it.
afterAll(() => rm(cache, { recursive: true, force: true }));

/** Reads the info of an example, as an upload does, runs it as the only step of a run on Docker, and returns its log. */
async function runExample(file: string, input: Record<string, unknown>): Promise<string[]> {
  const readInfo = createReadInfo({ docker, cacheDirectory: cache, image: async () => image });
  const def = await readPlugin(examples, { file, form: 'executable' }, readInfo);
  const run = newRun();
  const path = join(examples, file);
  const spec = shellSpec(run, image, '', { files: [{ from: path, to: `/work/plugins/${file}` }] });
  const container = { name: 'runner', image, args: ['--work=/work/work.json'] };
  spec.manifest.spec.containers = [container];
  spec.work.steps = [{ instance: 'it', plugin: def.name, input, def }];
  try {
    await runtime.createRunner(spec, never);
    const state = await stateOf(runtime, run, ended);
    return (await linesOf(runtime.readLog(state, undefined, never))).map(({ text }) => text);
  } finally {
    expect(await runtime.cleanup({ testId: run.testId }, never)).toEqual([]);
  }
}
const endOf = (lines: string[]) =>
  lines.filter((line) => line.includes('"step.end"')).map((line) => JSON.parse(line))[0];

describe('an example plugin in a Docker runner', () => {
  test('returns the number of words when written in shell', async () => {
    const lines = await runExample('shell/word-count.sh', { text: "it's a wonderful  life" });
    expect(lines).toContain('counted 4 words');
    expect(endOf(lines)).toMatchObject({ state: 'success', outputs: { words: 4 } });
  });

  test('imports the plugin kit by name and fails with its own reason when written in TypeScript', async () => {
    const url = 'data:text/plain,hello';
    const good = await runExample('typescript/response-time.ts', { url, times: 3, limitMs: 60_000 });
    expect(endOf(good)).toMatchObject({ state: 'success', outputs: { medianMs: expect.any(Number) } });
    const bad = await runExample('typescript/response-time.ts', { url, times: 3, limitMs: 0 });
    expect(endOf(bad)).toMatchObject({ state: 'error', error: { code: 'step_failed' } });
    expect(endOf(bad).error.message).toMatch(/the median is .* ms, over 0 ms/);
  });
});

const hasPython = spawnSync('python3', ['--version']).status === 0;
if (!hasPython) console.warn('SKIPPED: the Python example was not run, as this machine has no python3');

/** The image of the runner has no Python, so this example runs on the machine. */
describe('the example plugin in Python', () => {
  const path = join(examples, 'python/checksum.py');
  async function runPython(input: Record<string, unknown>) {
    const info = pluginDefSchema.parse(JSON.parse(spawnSync(path, ['info'], { encoding: 'utf8' }).stdout));
    const file = basename(path);
    const checksum = await checksumOf(examples, { file: 'python/checksum.py', form: 'executable' });
    const def: WorkStep['def'] = { ...info, form: 'executable', file, checksum };
    await using work = await Work.create([{ instance: 'it', plugin: 'checksum', input, def }]);
    await mkdir(join(work.directory, 'plugins'));
    await copyFile(path, join(work.directory, 'plugins', file));
    return (await work.run()).end('it');
  }

  (hasPython ? test : test.skip)('returns the checksum, and fails when it differs from the expected one', async () => {
    // printf hello | sha256sum
    const sha256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
    expect(await runPython({ text: 'hello' })).toMatchObject({ state: 'success', outputs: { sha256 } });
    const bad = await runPython({ text: 'hello', expected: 'abc' });
    expect(bad?.error?.message).toMatch(/exit code 1: expected abc$/);
  });
});

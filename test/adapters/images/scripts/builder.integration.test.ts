import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFromTar } from '../../../../src/adapters/images/build-context.ts';
import { createScriptRunner } from '../../../../src/adapters/images/scripts/script-runner.ts';
import { createMask } from '../../../../src/model/mask.ts';
import { createBaseImage, docker, removeImages } from '../../../support/adapters/images/base-image.ts';
import { faultOf } from '../../../support/adapters/images/faults.ts';
import { until } from '../../../support/adapters/images/scripts/processes.ts';
import { writeTar } from '../../../support/adapters/images/tar.ts';
import { createWorkspace, type Workspace } from '../../../support/adapters/images/workspace.ts';

let workspace: Workspace;
let builder: string;
let count = 0;
beforeAll(async () => {
  [workspace, builder] = await Promise.all([createWorkspace(), createBaseImage()]);
});
afterAll(async () => {
  await removeImages(builder);
  await workspace.remove();
});

interface Run {
  files?: Record<string, string>;
  env?: Record<string, string>;
  context?: string;
  builder?: string;
  onOutput?: (line: string) => void | Promise<void>;
  signal?: AbortSignal;
}

async function run(script: string, more: Run = {}) {
  count += 1;
  const lines: string[] = [];
  const image = `${builder}-${count}`;
  const result = createScriptRunner(docker, async () => undefined).runInBuilder({
    image,
    script,
    env: more.env ?? {},
    mask: createMask([]),
    builder: more.builder ?? builder,
    tarPath: await writeTar(join(workspace.path, `${count}.tar`), more.files ?? { 'main.txt': 'source' }),
    context: more.context ?? '.',
    onOutput: more.onOutput ?? ((line) => void lines.push(line)),
    signal: more.signal ?? new AbortController().signal,
  });
  return { image, lines, result };
}

/** Returns the containers of builds on this test's own image, which only this test uses. */
const containers = async () => (await docker.listContainers({ all: true })).filter(({ Image }) => Image === builder);

describe('a build script in a builder', () => {
  test('the script gets the sources and its environment only, and its result is the build context', async () => {
    const script =
      'read text <main.txt || true\necho "made of $text at $COMMIT" >made.txt\necho $HOME $REGISTRY_PASSWORD';
    const { lines, result } = await run(script, { env: { COMMIT: 'abc' } });
    const contextPath = await result;
    expect(lines.at(-1)).toMatch(/^\/\S*$/);
    expect(await readFromTar(contextPath, 'made.txt')).toBe('made of source at abc\n');
    expect(await readFromTar(contextPath, 'main.txt')).toBe('source');
    expect(await containers()).toEqual([]);
  });

  test('the context is the folder of the recipe', async () => {
    const { result } = await run('echo new >out/new.txt; : >out/empty.txt', {
      files: { 'out/a.txt': 'a' },
      context: './out',
    });
    const contextPath = await result;
    expect(await readFromTar(contextPath, 'new.txt')).toBe('new\n');
    expect(await readFromTar(contextPath, 'empty.txt')).toBe('');
    expect(await readFromTar(contextPath, 'a.txt')).toBe('a');
  });

  test('a failed script names the command with its last lines, and leaves no container', async () => {
    const fault = await faultOf((await run('echo first\nsh -c "echo no compiler; exit 9"\necho never')).result);
    expect(fault.message).toContain('failed at sh -c');
    expect(fault.message).toMatch(/exit code 9\n.*\n {2}no compiler$/);
    expect(await containers()).toEqual([]);
  });

  test('an aborted script ends with its container', async () => {
    const stop = new AbortController();
    const onOutput = (line: string): void => {
      if (line === 'ready') stop.abort(new Error('the build was cancelled'));
    };
    const { result } = await run('trap "" TERM\necho ready\nsleep 600', { onOutput, signal: stop.signal });
    await expect(result).rejects.toThrow('the build was cancelled');
    expect(await containers()).toEqual([]);
  });

  test('an unavailable registry of the builder is an infrastructure fault', async () => {
    const missing = await faultOf((await run('true', { builder: 'nowhere.invalid/builder:1' })).result);
    expect(missing).toMatchObject({
      code: 'registry_refused',
      message: expect.stringContaining('nowhere.invalid/builder:1'),
    });
  });
});

test('a starting worker removes the container of a killed worker, and no other', async () => {
  const { result } = await run('sleep 1');
  await until(async () => (await containers()).length === 1);
  const of = (owner: string) => ({
    'brightbird.dev/role': 'build',
    'brightbird.dev/owner': `${hostname()}~${owner}~x`,
  });
  await docker.createContainer({ Image: builder, Cmd: ['sh'], Labels: of('4194999') });
  const alive = await docker.createContainer({ Image: builder, Cmd: ['sh'], Labels: of(String(process.ppid)) });
  await createScriptRunner(docker, async () => undefined).sweep();
  expect(await containers()).toHaveLength(2);
  await result;
  expect((await containers()).map(({ Id }) => Id)).toEqual([alive.id]);
  await alive.remove();
});

test('a killed worker ends the script in its builder, and the next try starts from the beginning', async () => {
  const script = fileURLToPath(new URL('../../../support/adapters/images/scripts/script-once.ts', import.meta.url));
  const tarPath = await writeTar(join(workspace.path, 'killed.tar'), { 'main.txt': 'source' });
  const args = [
    script,
    '-',
    'echo half >main.txt\nsleep 600 &\nsleep 600',
    builder,
    `${builder}-${count + 1}`,
    tarPath,
  ];
  const worker = spawn(process.execPath, args, { stdio: 'ignore' });
  const running = async () => (await containers()).filter(({ State }) => State === 'running').length;
  const sleeps = async (): Promise<number> => {
    const [one] = await containers();
    const top =
      one &&
      (await docker
        .getContainer(one.Id)
        .top()
        .catch(() => undefined));
    return (top?.Processes as string[][] | undefined)?.filter((line) => line.at(-1) === 'sleep 600').length ?? 0;
  };
  await until(async () => (await sleeps()) === 2);
  worker.kill('SIGKILL');
  await once(worker, 'close');
  await until(async () => (await running()) === 0);
  const { image, result } = await run('read text <main.txt || true\necho $text >seen.txt');
  expect(image).toBe(args[4]);
  const contextPath = await result;
  expect(await readFromTar(contextPath, 'seen.txt')).toBe('source\n');
  expect(await containers()).toEqual([]);
});

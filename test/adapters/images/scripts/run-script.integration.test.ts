import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runScript } from '../../../../src/adapters/images/scripts/run-script.ts';
import { createMask } from '../../../../src/model/mask.ts';
import { faultOf } from '../../../support/adapters/images/faults.ts';
import { processesWith, until } from '../../../support/adapters/images/scripts/processes.ts';
import { createWorkspace, type Workspace } from '../../../support/adapters/images/workspace.ts';

const secret = 'tok3n/that+unknown-may-see';
let workspace: Workspace;
let count = 0;
beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace.remove());

async function folder(): Promise<string> {
  count += 1;
  const path = join(workspace.path, `build-${count}`);
  await mkdir(join(path, 'source'), { recursive: true });
  return path;
}

interface Run {
  env?: Record<string, string>;
  onOutput?: (line: string) => void | Promise<void>;
  signal?: AbortSignal;
  secrets?: string[];
}

async function run(script: string, { env = {}, onOutput, signal, secrets = [] }: Run = {}) {
  const lines: string[] = [];
  const directory = await folder();
  const result = runScript(directory, {
    image: 'greeter:1',
    script,
    env,
    mask: createMask(secrets),
    onOutput: onOutput ?? ((line) => void lines.push(line)),
    signal: signal ?? new AbortController().signal,
  });
  return { directory, lines, result };
}

describe('a build script', () => {
  test('the script runs in its sources, and the log has each command with its output, in order', async () => {
    const { directory, lines, result } = await run('pwd\necho out\necho err >&2\nprintf "10%%\\r100%%\\n"\nprintf end');
    await result;
    const source = join(directory, 'source');
    const shown = ['+ pwd', source, '+ echo out', 'out', '+ echo err', 'err', '+ printf 10%%\\r100%%\\n', '100%'];
    expect(lines).toEqual([...shown, '+ printf end', 'end']);
  });

  test('the fault names the failed command after output without a newline, and the log has no mark', async () => {
    const { lines, result } = await run('echo start\nprintf "compiling..."\nls /nonexistent-folder\n');
    const fault = await faultOf(result);
    expect(fault.message).toMatch(/^the build script of greeter:1 failed at ls \/nonexistent-folder: /);
    expect(lines.slice(0, 5)).toEqual([
      '+ echo start',
      'start',
      '+ printf compiling...',
      'compiling...',
      '+ ls /nonexistent-folder',
    ]);
    expect([...lines, fault.message].join('\n')).not.toMatch(/[0-9a-f]{12}/);
  });

  test.each([
    ['ends with +', 'printf "a+"\ntrue', ['+ printf a+', 'a+', '+ true']],
    ['is longer than a line can be', 'head -c 65530 /dev/zero | tr "\\0" x\ntrue', ['+ true']],
    ['is overwritten', 'printf "50%%\\r100%%"\ntrue', ['+ printf 50%%\\r100%%', '100%', '+ true']],
    ['prints the script itself', 'cat "$0" | head -n 1 | tr -d "\\n"\ntrue', ['+ true']],
  ])('the log shows no mark after output without a newline that %s', async (_, script, shown) => {
    const { lines, result } = await run(script);
    await result;
    expect(lines).toEqual(expect.arrayContaining(shown));
    expect(lines.at(-1)).toBe('+ true');
    expect(lines.filter((line) => /[0-9a-f]{12} /.test(line))).toEqual([]);
  });

  test('the environment has PATH, a separate home and the given variables, and nothing of the worker', async () => {
    process.env.SECRET_OF_THE_WORKER = secret;
    try {
      const { directory, lines, result } = await run('exec env', { env: { COMMIT: 'abc', A: 'b c' } });
      await result;
      const names = lines.filter((line) => !line.startsWith('+')).map((line) => line.split('=')[0]);
      expect(names.sort()).toEqual(['A', 'COMMIT', 'HOME', 'PATH', 'PWD']);
      expect(lines).toEqual(expect.arrayContaining(['A=b c', 'COMMIT=abc', `HOME=${directory}/home`]));
    } finally {
      delete process.env.SECRET_OF_THE_WORKER;
    }
  });

  test('the script reads nothing from the worker, and its remaining processes are ended', async () => {
    const { result } = await run('cat\nsleep 86001 &\nsh -c "sleep 86001 & sleep 86001" &\necho done');
    await result;
    await until(() => processesWith('sleep 86001').length === 0);
  });

  test('the log shows no secret in any form', async () => {
    const basic = Buffer.from(`x-access-token:${secret}`).toString('base64');
    const script = `echo "$GIT_TOKEN"; echo https://x:${encodeURIComponent(secret)}@h; echo ${basic}; false "$GIT_TOKEN"`;
    const { lines, result } = await run(script, {
      env: { GIT_TOKEN: secret },
      secrets: [secret, `x-access-token:${secret}`, 'abc'],
    });
    const fault = await faultOf(result);
    expect(lines).toEqual(expect.arrayContaining(['***', 'https://x:***@h']));
    expect(fault.message).toContain('failed at false ***');
    for (const form of [secret, encodeURIComponent(secret), basic]) {
      expect([lines.join('\n'), JSON.stringify(fault.report())].join('\n')).not.toContain(form);
    }
  });

  test('the script is in no command line', async () => {
    let seen: string[] = ['none'];
    const onOutput = (line: string): void => {
      if (line === 'look') seen = processesWith(secret);
    };
    await (await run(`: ${secret}\necho look\nsleep 0.05`, { onOutput, env: { GIT_TOKEN: secret } })).result;
    expect(seen).toEqual([]);
  });
});

describe('a build script that fails', () => {
  test('the script ends at the failed command, and the fault has the command with its last lines', async () => {
    const many = 'i=0; while [ $i -lt 50 ]; do echo try $i; i=$((i+1)); done';
    const { lines, result } = await run(
      `echo an earlier command\n${many}\nsh -c 'echo no licence found; exit 3' make\necho never`,
    );
    const fault = await faultOf(result);
    expect(fault).toMatchObject({ code: 'build_failed' });
    expect(fault.message).toContain('the build script of greeter:1 failed at sh -c echo no licence found; exit 3 make');
    expect(fault.message).toContain('exit code 3');
    expect(fault.message).toMatch(/The end of its output:\n {2}no licence found$/);
    expect(lines).not.toContain('never');
  });

  test('output that looks like a command is not mistaken for one', async () => {
    const fault = await faultOf((await run(`sh -c 'echo + cat diff; exit 4'`)).result);
    expect(fault.message).toContain('failed at sh -c echo + cat diff; exit 4');
    expect(fault.message).toContain('\n  + cat diff');
  });

  test('a syntax error is reported with the message of the shell', async () => {
    const fault = await faultOf((await run('if true\n')).result);
    expect(fault.message).toMatch(/exit code 2\nThe end of its output:\n.*[Ss]yntax error/);
  });

  test('the script ends with the error when its output cannot be stored', async () => {
    const onOutput = (line: string): void => {
      if (line === 'hello') throw new Error('the store is away');
    };
    const { result } = await run('echo hello\nsleep 86002', { onOutput });
    await expect(result).rejects.toThrow('the store is away');
    await until(() => processesWith('sleep 86002').length === 0);
  });
});

test('an aborted build script is ended with all its processes, although it ignores signals', async () => {
  const stop = new AbortController();
  // Two shells that trace into one pipe mix their lines, and `ready` with them.
  const child = '(trap "" TERM; sleep 86003) 2>/dev/null &';
  const { result } = await run(`trap "" TERM\n${child}\necho ready\nsleep 86003\nsleep 86003`, {
    signal: stop.signal,
    onOutput: (line) => {
      if (line === 'ready') stop.abort(new Error('the build was cancelled'));
    },
  });
  await expect(result).rejects.toThrow('the build was cancelled');
  await until(() => processesWith('sleep 86003').length === 0);
  const early = await run('echo never', { signal: AbortSignal.abort(new Error('before it began')) });
  await expect(early.result).rejects.toThrow('before it began');
});

test('a killed worker leaves no process of its script', async () => {
  const directory = await folder();
  const scriptOnce = fileURLToPath(new URL('../../../support/adapters/images/scripts/script-once.ts', import.meta.url));
  const script = 'sleep 86004 &\nsh -c "trap : TERM; sleep 86004; sleep 86004"';
  const worker = spawn(process.execPath, [scriptOnce, directory, script], { stdio: 'ignore' });
  await until(() => processesWith('sleep 86004').filter((line) => line.startsWith('sleep')).length === 2);
  worker.kill('SIGKILL');
  await once(worker, 'close');
  await until(() => processesWith('sleep 86004').length === 0);
  expect(await readFile(join(directory, 'build.sh'), 'utf8')).toContain('sleep 86004');
  await rm(directory, { recursive: true });
});

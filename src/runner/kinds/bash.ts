import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../model/fault.ts';
import { checkExit, parsePrintedObject, pluginContext, pluginEnvironment } from '../protocol.ts';
import { runProgram } from '../run-program.ts';
import type { StepKind } from './kind.ts';

/** Limit of one argument of a program: MAX_ARG_STRLEN of Linux (execve(2)) without the terminating zero. */
const maxArgumentBytes = 128 * 1024 - 1;

/** Runs a script with bash, or sh without bash; $1 and stdin are the context as JSON. */
export const runBash: StepKind = async (run) => {
  const { script, env } = run.input as { script: string; env?: Record<string, string> };
  if (Buffer.byteLength(script) > maxArgumentBytes) {
    throw new Fault('input_invalid', 'the script exceeds the limit of 128 KB that Linux allows', {
      where: { path: 'input.script' },
      hint: 'upload it as a program to the plugin store',
    });
  }
  const cwd = join(run.directory, 'files');
  await mkdir(cwd, { recursive: true });
  const context = JSON.stringify(pluginContext(run));
  const command = await findShell();
  // A context that is too long for an argument is passed on stdin only.
  const argument = Buffer.byteLength(context) > maxArgumentBytes ? '' : context;
  const program = {
    command,
    args: ['-c', script, command, argument],
    cwd,
    env: pluginEnvironment(run, env),
    stdin: `${context}\n`,
  };
  const end = await runProgram(program, run.output, run.signal);
  run.signal.throwIfAborted();
  checkExit('the script', end);
  return parsePrintedObject(end) ?? {};
};

async function findShell(): Promise<string> {
  for (const path of ['/bin/bash', '/usr/bin/bash']) {
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return '/bin/sh';
}

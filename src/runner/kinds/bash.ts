import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../model/fault.ts';
import { checkExit, pluginContext, pluginEnvironment, printedObject } from '../protocol.ts';
import { runProgram } from '../run-program.ts';
import type { StepKind } from './kind.ts';

/** Bytes of one argument of a program: MAX_ARG_STRLEN of Linux (execve(2)), with its terminating zero. */
const longestArgument = 128 * 1024 - 1;

/** Runs a script with bash, or sh where there is none; $1 and stdin are the context as JSON. */
export const runBash: StepKind = async (run) => {
  const { script, env } = run.input as { script: string; env?: Record<string, string> };
  if (Buffer.byteLength(script) > longestArgument) {
    throw new Fault('input_invalid', 'the script is longer than the 128 KB that Linux allows', {
      where: { path: 'input.script' },
      hint: 'make it a program of the plugin store',
    });
  }
  const cwd = join(run.directory, 'files');
  await mkdir(cwd, { recursive: true });
  const context = JSON.stringify(pluginContext(run));
  const command = await shell();
  // A context that is too long for an argument is on stdin only.
  const argument = Buffer.byteLength(context) > longestArgument ? '' : context;
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
  return printedObject(end) ?? {};
};

async function shell(): Promise<string> {
  for (const path of ['/bin/bash', '/usr/bin/bash']) {
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return '/bin/sh';
}

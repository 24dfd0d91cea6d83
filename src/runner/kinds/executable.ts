import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Fault } from '../../model/fault.ts';
import { checkExit, outputOf, pluginContext, pluginEnvironment, printedObject } from '../protocol.ts';
import { type ProgramEnd, runProgram } from '../run-program.ts';
import type { StepKind, StepRun } from './kind.ts';

/** Runs a program of the plugin store: the context on stdin, the output from its last JSON on stdout. */
export const runExecutable: StepKind = async (run) => {
  const cwd = join(run.directory, 'files');
  const [command] = await Promise.all([verifiedProgram(run), mkdir(cwd, { recursive: true })]);
  const stdin = `${JSON.stringify(pluginContext(run))}\n`;
  let end: ProgramEnd;
  try {
    end = await runProgram({ command, args: [], cwd, env: pluginEnvironment(run), stdin }, run.output, run.signal);
  } catch (error) {
    throw new Fault('plugin_invalid', `plugin ${run.step.plugin} cannot be started: ${(error as Error).message}`, {
      hint: "it must be a program for this machine's processor, or a script whose interpreter is in the runner's image",
      cause: error,
    });
  }
  run.signal.throwIfAborted();
  checkExit(`plugin ${run.step.plugin}`, end);
  return outputOf(printedObject(end), run.step.instance);
};

/** Path of the program, whose content must be what was registered. */
async function verifiedProgram({ step, directory }: StepRun): Promise<string> {
  const { file, checksum } = step.def;
  if (!file || !checksum) throw new Fault('plugin_invalid', `plugin ${step.plugin} has no program with a checksum`);
  const path = join(directory, 'plugins', file);
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    throw new Fault('plugin_invalid', `the program ${path} cannot be read: ${String(cause)}`, { cause });
  }
  const found = hash.digest('hex');
  if (found === checksum) return path;
  throw new Fault(
    'plugin_invalid',
    `the program of plugin ${step.plugin} is not the one that was registered: its SHA-256 is ${found}, not ${checksum}`,
    { hint: 'its file in the plugin store was changed: upload it again, or have the store read again' },
  );
}

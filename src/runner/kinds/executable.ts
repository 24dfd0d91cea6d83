import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Fault } from '../../model/fault.ts';
import { checkExit, outputOf, parsePrintedObject, pluginContext, pluginEnvironment } from '../protocol.ts';
import { type ProgramEnd, runProgram } from '../run-program.ts';
import type { StepKind, StepRun } from './kind.ts';

/** Runs a program of the plugin store with the context on stdin; its output is the last JSON object on stdout. */
export const runExecutable: StepKind = async (run) => {
  const cwd = join(run.directory, 'files');
  const [command] = await Promise.all([verifyProgram(run), mkdir(cwd, { recursive: true })]);
  const stdin = `${JSON.stringify(pluginContext(run))}\n`;
  let end: ProgramEnd;
  try {
    end = await runProgram({ command, args: [], cwd, env: pluginEnvironment(run), stdin }, run.output, run.signal);
  } catch (error) {
    throw new Fault('plugin_invalid', `cannot start plugin ${run.step.plugin}: ${(error as Error).message}`, {
      hint: "it must be a program for this machine's processor, or a script whose interpreter is in the runner's image",
      cause: error,
    });
  }
  run.signal.throwIfAborted();
  checkExit(`plugin ${run.step.plugin}`, end);
  return outputOf(parsePrintedObject(end), run.step.instance);
};

/** Verifies the checksum of the program and returns its path. Throws `plugin_invalid`. */
async function verifyProgram({ step, directory }: StepRun): Promise<string> {
  const { file, checksum } = step.def;
  if (!file || !checksum) throw new Fault('plugin_invalid', `plugin ${step.plugin} has no program with a checksum`);
  const path = join(directory, 'plugins', file);
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    throw new Fault('plugin_invalid', `cannot read the program ${path}: ${String(cause)}`, { cause });
  }
  const actual = hash.digest('hex');
  if (actual === checksum) return path;
  throw new Fault(
    'plugin_invalid',
    `the program of plugin ${step.plugin} differs from the registered one: its SHA-256 is ${actual}, not ${checksum}`,
    { hint: 'its file in the plugin store was changed: upload it again, or rescan the store' },
  );
}

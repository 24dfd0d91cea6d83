import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { ScriptRequest } from '../../../model/ports/build-scripts.ts';
import { endGroupAtAbort, killGroup } from '../../../model/process-group.ts';
import { readOutput } from './read-output.ts';
import { ScriptProgress } from './script-progress.ts';

/** Beside the script, in its group, waits a shell for the end of this process: then it kills the group. */
const guarded = 'exec 2>&1; (read _ <&3; kill -KILL 0) & exec 3<&- sh "$0"';

/**
 * Runs a build script with sh in the folder `source` of `directory`, in a process group that ends with it, with an abort
 * and with this process, however that ends. Throws `build_failed` with the command that failed and its last lines.
 */
export async function runScript(directory: string, request: ScriptRequest): Promise<void> {
  const { image, script, env, mask, onOutput, signal } = request;
  signal.throwIfAborted();
  const progress = new ScriptProgress(mask);
  const home = join(directory, 'home');
  const file = join(directory, 'build.sh');
  await mkdir(home, { recursive: true });
  // Not as an argument: it may hold the token.
  await writeFile(file, progress.traced(script), { mode: 0o600 });
  const child = spawn('sh', ['-c', guarded, file], {
    cwd: join(directory, 'source'),
    env: { ...env, PATH: process.env.PATH, HOME: home },
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    detached: true,
  });
  const exit = once(child, 'exit');
  const letGo = endGroupAtAbort(child.pid, signal);
  try {
    const ended = exit.then(() => killGroup(child.pid, 'SIGKILL'));
    for await (const piece of readOutput(child.stdio[1] as Readable, ended)) {
      for (const line of progress.take(piece)) await onOutput(line);
    }
    for (const line of progress.end()) await onOutput(line);
    const [code, by] = (await exit) as [number | null, NodeJS.Signals | null];
    signal.throwIfAborted();
    if (code !== 0)
      throw progress.fault(image, code === null ? `it was ended by ${by}` : `it ended with exit code ${code}`);
  } finally {
    letGo();
    killGroup(child.pid, 'SIGKILL');
  }
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { ScriptRequest } from '../../../model/ports/build-scripts.ts';
import { endGroupOnAbort, killGroup } from '../../../model/process-group.ts';
import { readOutput } from './read-output.ts';
import { ScriptProgress } from './script-progress.ts';

/** Runs the script, and beside it a shell in the same group that kills the group when this process ends. */
const guarded = 'exec 2>&1; (read _ <&3; kill -KILL 0) & exec 3<&- sh "$0"';

/**
 * Runs a build script with sh in the folder `source` of `directory`, in a process group that ends with it, with an abort
 * and with this process, even when it is killed. Throws `build_failed` with the failed command and its last lines.
 */
export async function runScript(directory: string, request: ScriptRequest): Promise<void> {
  const { image, script, env, mask, onOutput, signal } = request;
  signal.throwIfAborted();
  const progress = new ScriptProgress(mask);
  const home = join(directory, 'home');
  const file = join(directory, 'build.sh');
  await mkdir(home, { recursive: true });
  // The script is not an argument, as it may contain the token.
  await writeFile(file, progress.addTracing(script), { mode: 0o600 });
  const child = spawn('sh', ['-c', guarded, file], {
    cwd: join(directory, 'source'),
    env: { ...env, PATH: process.env.PATH, HOME: home },
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    detached: true,
  });
  const exit = once(child, 'exit');
  const removeListener = endGroupOnAbort(child.pid, signal);
  try {
    const ended = exit.then(() => killGroup(child.pid, 'SIGKILL'));
    for await (const piece of readOutput(child.stdio[1] as Readable, ended)) {
      for (const line of progress.take(piece)) await onOutput(line);
    }
    for (const line of progress.end()) await onOutput(line);
    const [code, killedBy] = (await exit) as [number | null, NodeJS.Signals | null];
    signal.throwIfAborted();
    if (code !== 0)
      throw progress.fault(image, code === null ? `it was ended by ${killedBy}` : `it ended with exit code ${code}`);
  } finally {
    removeListener();
    killGroup(child.pid, 'SIGKILL');
  }
}

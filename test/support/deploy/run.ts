import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Runs a program and returns its output. Rejects with the output when it fails. */
export async function run(program: string, args: readonly string[]): Promise<string> {
  const options = { cwd: root, maxBuffer: 1 << 26 };
  const { stdout } = await promisify(execFile)(program, args, options).catch(
    (error: { message: string; stdout: string; stderr: string }) => {
      throw new Error(`${error.message}\n${error.stdout.slice(-4000)}\n${error.stderr.slice(-4000)}`);
    },
  );
  return stdout.trim();
}

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hintFor } from '../../language/flow/nearest.ts';
import { Fault } from '../../model/fault.ts';
import { shortestSecret } from '../../model/mask.ts';

/** Bytes of one secret: a key or a certificate, no file of data. */
const longestSecret = 64 * 1024;

/**
 * The values of secrets, by name, from a directory with a file for each, as a mounted Secret of Kubernetes has them; a
 * newline at the end is not part of it. Throws `secret_invalid` for one that is not there, or cannot be masked.
 */
export async function readSecrets(directory: string, names: readonly string[]): Promise<Record<string, string>> {
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readSecret(directory, name)])));
}

async function readSecret(directory: string, name: string): Promise<string> {
  const bytes = await readFile(join(directory, name)).catch(async (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw invalid(name, `cannot be read: ${cause.code}`);
    const others = hintFor(name, await namesIn(directory), 'secrets');
    throw invalid(name, 'is not in the store of secrets', `${others}; docs/guides/secrets.md says how one is added`);
  });
  if (bytes.length > longestSecret) throw invalid(name, `is larger than ${longestSecret / 1024} KB`);
  const value = bytes.toString('utf8').replace(/\r?\n$/, '');
  if (value.split('\n').some((line) => line.trim().length >= shortestSecret)) return value;
  throw invalid(name, `has no ${shortestSecret} characters in a line, so that it cannot be masked in logs`);
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    // A mounted Secret has hidden folders, to which its files are links.
    return (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function invalid(name: string, problem: string, hint = 'write it anew: docs/guides/secrets.md says how'): Fault {
  return new Fault('secret_invalid', `the secret "${name}" ${problem}`, { hint });
}

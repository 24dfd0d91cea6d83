import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hintFor } from '../../language/flow/closest-match.ts';
import { Fault } from '../../model/fault.ts';
import { minMaskableLength } from '../../model/mask.ts';

/** Maximum size of one secret: enough for a key or a certificate. */
const maxSecretBytes = 64 * 1024;

/**
 * Returns the values of secrets by name from a directory with one file for each, as in a mounted Kubernetes Secret;
 * without a newline at the end. Throws `secret_invalid` for a secret that is missing or cannot be masked.
 */
export async function readSecrets(directory: string, names: readonly string[]): Promise<Record<string, string>> {
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readSecret(directory, name)])));
}

async function readSecret(directory: string, name: string): Promise<string> {
  const bytes = await readFile(join(directory, name)).catch(async (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw invalid(name, `cannot be read: ${cause.code}`);
    const others = hintFor(name, await namesIn(directory), 'secrets');
    throw invalid(name, 'is not in the secret store', `${others}; docs/guides/secrets.md says how to add one`);
  });
  if (bytes.length > maxSecretBytes) throw invalid(name, `is larger than ${maxSecretBytes / 1024} KB`);
  const value = bytes.toString('utf8').replace(/\r?\n$/, '');
  if (value.split('\n').some((line) => line.trim().length >= minMaskableLength)) return value;
  throw invalid(name, `has no line of at least ${minMaskableLength} characters, so it cannot be masked in logs`);
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    // The files of a mounted Secret are links into hidden folders.
    return (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function invalid(name: string, problem: string, hint = 'set it again: docs/guides/secrets.md says how'): Fault {
  return new Fault('secret_invalid', `the secret "${name}" ${problem}`, { hint });
}

import type { Mirror } from './mirror.ts';

/**
 * Returns the commit of the first name that has one in the mirror, tags peeled; runs git once for all names. Returns undefined
 * also when the mirror cannot be read: the following fetch reports that.
 */
export async function findCommit(
  mirror: Mirror,
  names: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const input = names.map((name) => `${name}^{commit}\n`).join('');
  const answer = await mirror
    .git(signal, { input })
    .raw(['cat-file', '--batch-check=%(objectname) %(objecttype)'])
    .catch(() => {
      signal.throwIfAborted();
      return '';
    });
  return /^([0-9a-f]{40}) commit$/m.exec(answer)?.[1];
}

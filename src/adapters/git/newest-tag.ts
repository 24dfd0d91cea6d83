import { Fault } from '../../model/fault.ts';
import { compilePattern } from '../../model/pattern.ts';
import type { Mirror } from './mirror.ts';

/**
 * Returns the newest tag of the mirror that matches the pattern, in version order: v1.10.0 is newer than v1.9.0, and
 * v1.10.0-rc1 older than v1.10.0 (git-for-each-ref, version:refname, and git-config, versionsort.suffix).
 * Faults: ref_not_found, input_invalid for an invalid pattern.
 */
export async function newestTag(mirror: Mirror, pattern: string, signal: AbortSignal): Promise<string> {
  const matches = compilePattern(pattern);
  const listed = await mirror
    .git(signal)
    .raw(['for-each-ref', '--sort=-version:refname', '--format=%(refname:lstrip=2)', 'refs/tags']);
  const tags = listed.split('\n').filter(Boolean);
  const newest = tags.find(matches);
  if (newest !== undefined) return newest;
  throw new Fault('ref_not_found', `no tag of ${mirror.repository.url} matches ${JSON.stringify(pattern)}`, {
    hint: tags.length > 0 ? `It has: ${tags.slice(0, 5).join(', ')}` : 'It has no tags.',
  });
}

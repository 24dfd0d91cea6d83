import { posix } from 'node:path';
import type { IgnorePattern } from './ignore-pattern.ts';

/** What is known of a path: whether it is left out, and which patterns it or a folder around it matches. */
interface Known {
  ignored: boolean;
  matched: boolean[];
}

/**
 * Returns a function that is true of paths which the patterns leave out: the last one that matches counts, and what matches
 * a folder matches all in it (MatchesUsingParentResults of moby/patternmatcher, which the builders' clients use).
 */
export function ignoreMatcher(patterns: readonly IgnorePattern[]): (path: string) => boolean {
  const folders = new Map<string, Known>();
  const hasExceptions = patterns.some(({ isException }) => isException);

  function look(path: string, around: Known | undefined): Known {
    if (around?.ignored && !hasExceptions) return around;
    let ignored = false;
    const matched = patterns.map((pattern, index) => {
      let match = around?.matched[index] ?? false;
      // Only what would change the answer is looked at.
      if (!match && pattern.isException === ignored) match = pattern.matches(path);
      if (match) ignored = !pattern.isException;
      return match;
    });
    return { ignored, matched };
  }

  function folder(path: string): Known | undefined {
    if (path === '.' || path === '/') return undefined;
    const known = folders.get(path) ?? look(path, folder(posix.dirname(path)));
    folders.set(path, known);
    return known;
  }

  return (path) => look(path, folder(posix.dirname(path))).ignored;
}

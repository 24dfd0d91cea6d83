import { posix } from 'node:path';
import type { IgnorePattern } from './ignore-pattern.ts';

/** Result for a path: whether it is ignored, and which patterns match it or one of its parent folders. */
interface PathMatch {
  ignored: boolean;
  matched: boolean[];
}

/**
 * Returns a function that tells whether a path is ignored: the last matching pattern decides, and a pattern that matches a
 * folder matches everything in it (MatchesUsingParentResults of moby/patternmatcher, which Docker's clients use).
 */
export function ignoreMatcher(patterns: readonly IgnorePattern[]): (path: string) => boolean {
  const folders = new Map<string, PathMatch>();
  const hasExceptions = patterns.some(({ isException }) => isException);

  function matchPath(path: string, parent: PathMatch | undefined): PathMatch {
    if (parent?.ignored && !hasExceptions) return parent;
    let ignored = false;
    const matched = patterns.map((pattern, index) => {
      let match = parent?.matched[index] ?? false;
      // Only patterns that would change the result are tested.
      if (!match && pattern.isException === ignored) match = pattern.matches(path);
      if (match) ignored = !pattern.isException;
      return match;
    });
    return { ignored, matched };
  }

  function matchFolder(path: string): PathMatch | undefined {
    if (path === '.' || path === '/') return undefined;
    const known = folders.get(path) ?? matchPath(path, matchFolder(posix.dirname(path)));
    folders.set(path, known);
    return known;
  }

  return (path) => matchPath(path, matchFolder(posix.dirname(path))).ignored;
}

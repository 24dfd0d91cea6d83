import { posix } from 'node:path';
import { RE2JS } from 're2js';

/** One line of a `.dockerignore`, as moby/patternmatcher v0.6 reads it. */
export interface IgnorePattern {
  /** Whether it begins with `!`: paths that match are included again. */
  isException: boolean;
  matches(path: string): boolean;
}

/** The part before the second `*`, the only one that moby validates with Go's filepath.Match. */
const start = /^\**(?:\\.?|\[(?:\\.|[^\]\\])*\]?|[^*\\[])*/su;
/** `?`, escaped characters and classes as accepted by filepath.Match. */
const member = String.raw`(?:\\.|[^\\\]-])`;
const valid = new RegExp(String.raw`^(?:\\.|\[\^?(?:${member}(?:-${member})?)+\]|[^\\[])*$`, 'su');

/**
 * Parses the patterns of a file (moby/patternmatcher/ignorefile): lines that begin with `#` are comments; blanks around a pattern
 * and a leading `/` are ignored. Throws an Error with the invalid pattern.
 */
export function readIgnoreFile(text: string): IgnorePattern[] {
  return text
    .replace(/^\ufeff/, '')
    .split('\n')
    .filter((line) => !line.startsWith('#') && line.trim() !== '')
    .map((line) => parsePattern(line.trim()));
}

function parsePattern(line: string): IgnorePattern {
  const isInverted = line.startsWith('!');
  // The sign is read twice, as in moby: `/!a` is an exception too.
  const text = (isInverted ? '!' : '') + clean(isInverted ? line.slice(1).trim() : line);
  const isException = text.startsWith('!');
  const pattern = isException ? text.slice(1) : text;
  if (pattern === '' || (isException && pattern === '/') || !valid.test(start.exec(pattern)?.[0] ?? ''))
    throw new Error(line);
  try {
    return { isException, matches: matcher(pattern) };
  } catch (cause) {
    throw new Error(line, { cause });
  }
}

/** Cleans a pattern like Go's filepath.Clean and removes its leading `/`. */
function clean(pattern: string): string {
  if (pattern === '') return '';
  const path = posix.normalize(pattern);
  return path === '/' ? path : path.replace(/\/$/, '').replace(/^\//, '');
}

/** Compiles a pattern: plain text is compared; `**` at one end matches a suffix or prefix; others are regular expressions. */
function matcher(pattern: string): (path: string) => boolean {
  if (!/[*?[\]\\]/.test(pattern)) return (path) => path === pattern;
  const ends = pattern.startsWith('**') ? pattern.slice(2) : undefined;
  if (ends !== undefined && !/[*?[\]\\]/.test(ends)) {
    return (path) => path.endsWith(ends) || (ends.startsWith('/') && path === ends.slice(1));
  }
  const begins = /^([^*?[\]\\]*)\*\*$/.exec(pattern)?.[1];
  if (begins !== undefined) return (path) => path.startsWith(begins);
  const expression = RE2JS.compile(`^${translate(pattern)}$`);
  return (path) => expression.matcher(path).find();
}

function translate(pattern: string): string {
  return pattern.replace(
    /\*\*\/?$|\*\*\/?|\*|\?|\\(.)|[.+()|{}$]/gsu,
    (sign, escaped: string | undefined, at: number) => {
      if (escaped !== undefined) return sign;
      if (sign.startsWith('**')) return at + sign.length === pattern.length ? '.*' : '(.*/)?';
      if (sign === '*') return '[^/]*';
      return sign === '?' ? '[^/]' : `\\${sign}`;
    },
  );
}

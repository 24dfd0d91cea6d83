import { posix } from 'node:path';
import { RE2JS } from 're2js';

/** One line of a `.dockerignore`, as moby/patternmatcher v0.6 reads it. */
export interface IgnorePattern {
  /** It begins with `!`: what it matches is sent after all. */
  isException: boolean;
  matches(path: string): boolean;
}

/** What is before the second `*`: only this is checked by Go's filepath.Match, which is asked there. */
const start = /^\**(?:\\.?|\[(?:\\.|[^\]\\])*\]?|[^*\\[])*/su;
/** `?`, escaped characters and classes as filepath.Match takes them. */
const member = String.raw`(?:\\.|[^\\\]-])`;
const valid = new RegExp(String.raw`^(?:\\.|\[\^?(?:${member}(?:-${member})?)+\]|[^\\[])*$`, 'su');

/**
 * Returns the patterns of a file's text (moby/patternmatcher/ignorefile): lines that begin with `#` are comments, blanks around a
 * pattern and a leading `/` do not count. Throws an Error that names a pattern which cannot be read.
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
  // Read twice, as there: `/!a` is an exception too.
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

/** Go's filepath.Clean, and without the `/` at its beginning. */
function clean(pattern: string): string {
  if (pattern === '') return '';
  const path = posix.normalize(pattern);
  return path === '/' ? path : path.replace(/\/$/, '').replace(/^\//, '');
}

/** Texts with no sign are compared; `**` at one end alone is a suffix or a prefix, wherever it is cut; others are expressions. */
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

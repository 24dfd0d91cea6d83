/** A text or a key that cannot be kept as it was sent, and its path (`globalProperties.a`). */
export interface TextProblem {
  path: string;
  message: string;
}

/**
 * Returns the first text or key in a JSON value that no program can be given or that would not be kept: one with NUL, with
 * a lone surrogate (which UTF-8 does not have), or the key `__proto__`; or that it has more than `maxValues` values. Takes
 * any depth.
 */
export function findTextProblem(value: unknown, maxValues: number): TextProblem | undefined {
  let count = 0;
  const left: { part: unknown; path: string }[] = [{ part: value, path: '' }];
  for (let next = left.pop(); next; next = left.pop()) {
    const { part, path } = next;
    count += 1;
    const problem = typeof part === 'string' ? problemOf(part) : undefined;
    if (problem) return { path, message: problem };
    if (typeof part !== 'object' || part === null) continue;
    const isArray = Array.isArray(part);
    for (const [key, member] of Object.entries(part)) {
      const at = isArray ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
      const wrong = isArray ? undefined : key === '__proto__' ? 'the key "__proto__" cannot be used' : problemOf(key);
      if (wrong) return { path: path || key.slice(0, 100).toWellFormed().replaceAll('\0', ''), message: wrong };
      // A path is long only where a value is deep: its end tells less than its beginning.
      left.push({ part: member, path: at.slice(0, 500) });
      if (left.length + count > maxValues) return { path: '', message: tooManyValues(maxValues) };
    }
  }
  return undefined;
}

/** Returns what is told of a JSON value with more values than may be. */
export function tooManyValues(maxValues: number): string {
  return `there are more than ${maxValues} values in it`;
}

function problemOf(text: string): string | undefined {
  if (text.includes('\0')) return 'holds NUL, which no program can be given';
  return text.isWellFormed() ? undefined : 'holds a half of a surrogate pair, which is no character';
}

/** Colours and other sequences of terminals (ECMA-48, CSI). */
const terminalSequence = /\p{Cc}\[[0-9;?]*[A-Za-z]/gu;
/** Control characters but tab and line feed, and those that change the direction of what follows (Unicode UAX #9). */
const unprintable = /(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Returns a text from outside as a message can have it: without the sequences of terminals, with other control characters
 * as JSON writes them (`\u0000`).
 */
export function printable(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(terminalSequence, '')
    .replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .toWellFormed();
}

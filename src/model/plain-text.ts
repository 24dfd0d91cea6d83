/** Problem of a string or key that cannot be stored unchanged, and its path (`globalProperties.a`). */
export interface TextProblem {
  path: string;
  message: string;
}

/**
 * Returns the first string or key in a JSON value that cannot be stored or passed to a program: NUL, a lone surrogate (not
 * valid in UTF-8), the key `__proto__`; or more than `maxValues` values. Handles any depth.
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
      // A path is long only for a deep value, where its beginning is more useful than its end.
      left.push({ part: member, path: at.slice(0, 500) });
      if (left.length + count > maxValues) return { path: '', message: tooManyValues(maxValues) };
    }
  }
  return undefined;
}

/** Returns the message for a JSON value with too many values. */
export function tooManyValues(maxValues: number): string {
  return `too many values (the limit is ${maxValues})`;
}

function problemOf(text: string): string | undefined {
  if (text.includes('\0')) return 'contains a NUL character, which cannot be passed to a program';
  return text.isWellFormed() ? undefined : 'contains a lone surrogate, which is not a valid character';
}

/** Terminal escape sequences such as colours (ECMA-48, CSI). */
const terminalSequence = /\p{Cc}\[[0-9;?]*[A-Za-z]/gu;
/** Control characters except tab and line feed, and bidirectional formatting characters (Unicode UAX #9). */
const unprintable = /(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Returns foreign text in a form that is safe in a message: without terminal escape sequences, with other control
 * characters escaped as in JSON (`\u0000`).
 */
export function printable(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(terminalSequence, '')
    .replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .toWellFormed();
}

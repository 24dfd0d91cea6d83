import { shortest } from './print-float.ts';
import { kindOf, numberOf, sortedEntries } from './values.ts';

/** Formats a value as Go's `%v`. nil is `<nil>`; a template writes `<no value>` for a single nil. */
export function print(value: unknown): string {
  switch (kindOf(value)) {
    case 'nil':
      return '<nil>';
    case 'float':
      return printFloat(numberOf(value));
    case 'slice':
      return `[${(value as unknown[]).map(print).join(' ')}]`;
    case 'map':
      return `map[${sortedEntries(value)
        .map(([key, one]) => `${key}:${print(one)}`)
        .join(' ')}]`;
    default:
      return String(value);
  }
}

/** Formats a float as `%v`. */
function printFloat(value: number): string {
  return `${isNegative(value) ? '-' : ''}${shortest(Math.abs(value))}`;
}

/** Returns true for numbers with a minus sign, including -0. */
export function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}

const escapes: Record<string, string> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

/** Quotes a text as Go (strconv.Quote), or a character with single quotes; `ascii` escapes all non-ASCII characters. */
export function goQuote(text: string, { quote = '"', ascii = false } = {}): string {
  const body = Array.from(text, (character) => {
    const short = escapes[character] ?? (character === quote ? `\\${quote}` : undefined);
    if (short) return short;
    const code = character.codePointAt(0) ?? 0;
    if ((!ascii || code < 0x7f) && isPrintable(character)) return character;
    const hex = code.toString(16);
    if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
    return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
  });
  return `${quote}${body.join('')}${quote}`;
}

/** Implements Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols, and the ASCII space. */
export function isPrintable(character: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character);
}

/** Joins operands as Go's fmt.Sprint: with a space between two operands that are both not strings. */
export function sprint(values: readonly unknown[]): string {
  return values
    .map((value, index) => {
      const apart = index > 0 && typeof value !== 'string' && typeof values[index - 1] !== 'string';
      return `${apart ? ' ' : ''}${print(value)}`;
    })
    .join('');
}

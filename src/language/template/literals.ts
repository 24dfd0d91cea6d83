import { GoFloat } from './values.ts';

const simple: Record<string, number> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92 };
const escapes = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gu;

/** Returns the value of a Go string literal, quoted or raw; undefined when it has an invalid escape sequence. */
export function unquote(literal: string): string | undefined {
  if (literal.startsWith('`')) return literal.slice(1, -1).replaceAll('\r', '');
  return decode(literal.slice(1, -1), '"');
}

/** Returns the code point of a Go character literal such as 'a'; undefined unless it is a single character. */
export function unquoteCharacter(literal: string): number | undefined {
  const text = decode(literal.slice(1, -1), "'");
  return text !== undefined && [...text].length === 1 ? text.codePointAt(0) : undefined;
}

/** Decodes escape sequences. `\x` and octal escapes are bytes of UTF-8, so the text is assembled as bytes. */
function decode(body: string, quote: string): string | undefined {
  const bytes: number[] = [];
  const encode = (text: string) => bytes.push(...new TextEncoder().encode(text));
  let end = 0;
  for (const match of body.matchAll(escapes)) {
    encode(body.slice(end, match.index));
    end = match.index + match[0].length;
    const [, byte, short, long, octal, letter] = match;
    const code = short ?? long;
    if (byte !== undefined) bytes.push(Number.parseInt(byte, 16));
    else if (octal !== undefined && Number.parseInt(octal, 8) < 256) bytes.push(Number.parseInt(octal, 8));
    else if (code !== undefined && isCodePoint(Number.parseInt(code, 16))) {
      encode(String.fromCodePoint(Number.parseInt(code, 16)));
    } else if (letter === quote) encode(quote);
    else if (letter !== undefined && Object.hasOwn(simple, letter)) bytes.push(simple[letter] ?? 0);
    else return undefined;
  }
  encode(body.slice(end));
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new Uint8Array(bytes));
}

function isCodePoint(code: number): boolean {
  return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

/** Returns the value of a Go number literal; undefined when it is invalid, imaginary, or not exact as a double. */
export function parseNumber(literal: string): number | GoFloat | undefined {
  const [, sign = '', digits = ''] = /^([+-]?)(.*)$/.exec(literal) ?? [];
  if (!/^[0-9A-Fa-f.xXoO_+\-eEpP]+$/.test(digits) || /__|_$/.test(digits)) return undefined;
  const plain = digits.replaceAll('_', '');
  const whole = /^0[0-7]+$/.test(plain) ? `0o${plain.slice(1)}` : plain;
  if (/^(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0|[1-9]\d*)$/.test(whole)) {
    const value = Number(whole);
    return Number.isSafeInteger(value) ? (sign === '-' ? -value || 0 : value) : undefined;
  }
  if (!/^(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?$/.test(plain)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? new GoFloat(sign === '-' ? -value : value) : undefined;
}

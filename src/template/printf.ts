import { goQuote, isNegative, print } from './print.ts';
import { exponential, fixed, general, shortest } from './print-float.ts';
import { GoFloat, kindOf, numberOf, sortedEntries, typeName } from './values.ts';

interface Verb {
  letter: string;
  flags: string;
  width: number;
  precision: number | undefined;
}

const directive = /%([-+# 0]*)(\d*)(?:\.(\d*))?(.?)/gsu;
const known = 'sdvqtxXfFeEgc%';
const longest = { width: 1000, precision: 90 };

/**
 * Go's fmt.Sprintf for what comes out of JSON: the verbs s d v q t x X f e g c and %%, with the flags `-+# 0`, width and
 * precision. What does not fit is said in the text, as in Go: `%!d(string=a)`, `%!d(MISSING)`, `%!(EXTRA int=1)`.
 * Throws RangeError for `*`, `[n]`, other verbs, widths over 1000 and precisions over 90.
 */
export function printf(format: string, values: readonly unknown[]): string {
  let next = 0;
  const text = format.replace(directive, (all, flags: string, width: string, precision: string | undefined, letter) => {
    if (letter === '') return '%!(NOVERB)';
    if (!known.includes(letter)) throw new RangeError(`${JSON.stringify(all)} is not supported`);
    if (letter === 'v' && flags.includes('#')) throw new RangeError('%#v is not supported');
    if (letter === '%') return '%';
    const verb = {
      letter,
      flags,
      width: Number(width),
      precision: precision === undefined ? undefined : Number(precision),
    };
    if (verb.width > longest.width || (verb.precision ?? 0) > longest.precision)
      throw new RangeError(`${all} asks for too many characters`);
    if (next >= values.length) return `%!${letter}(MISSING)`;
    next += 1;
    return formatValue(verb, values[next - 1]);
  });
  const extra = values.slice(next).map((value) => (kindOf(value) === 'nil' ? '<nil>' : typed(value)));
  return extra.length > 0 ? `${text}%!(EXTRA ${extra.join(', ')})` : text;
}

function formatValue(verb: Verb, value: unknown): string {
  const { letter } = verb;
  switch (kindOf(value)) {
    case 'nil':
      return letter === 'v' ? pad(verb, '<nil>') : `%!${letter}(<nil>)`;
    case 'bool':
      return 'tv'.includes(letter) ? pad(verb, String(value)) : bad(verb, value);
    case 'int':
      return formatInt(verb, Number(value));
    case 'float':
      return formatFloat(verb, numberOf(value));
    case 'string':
      return formatText(verb, String(value));
    case 'slice':
      return `[${(value as unknown[]).map((one) => formatMember(verb, one)).join(' ')}]`;
    default:
      return `map[${sortedEntries(value)
        .map(([key, one]) => `${formatText(verb, key)}:${formatMember(verb, one)}`)
        .join(' ')}]`;
  }
}

/** Inside of slices and maps nil is written out whatever the verb. */
function formatMember(verb: Verb, value: unknown): string {
  return kindOf(value) === 'nil' ? pad(verb, '<nil>') : formatValue(verb, value);
}

function formatText(verb: Verb, text: string): string {
  const { letter, precision, flags } = verb;
  const cut = precision === undefined ? text : Array.from(text).slice(0, precision).join('');
  if (letter === 's' || letter === 'v') return pad(verb, cut);
  if (letter === 'q') return pad(verb, flags.includes('#') && !/[`\p{Cc}]/u.test(cut) ? `\`${cut}\`` : goQuote(cut));
  if (letter !== 'x' && letter !== 'X') return bad(verb, text);
  const bytes = Buffer.from(text).subarray(0, precision);
  const prefix = flags.includes('#') && bytes.length > 0 ? '0x' : '';
  const hex = flags.includes(' ')
    ? Array.from(bytes, (byte) => prefix + byte.toString(16).padStart(2, '0')).join(' ')
    : prefix + bytes.toString('hex');
  return pad(verb, letter === 'X' ? hex.toUpperCase() : hex);
}

function formatInt(verb: Verb, value: number): string {
  const { letter, precision, flags } = verb;
  if (letter === 'c' || letter === 'q') {
    const isCode = value >= 0 && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
    const character = String.fromCodePoint(isCode ? value : 0xfffd);
    return pad(verb, letter === 'c' ? character : goQuote(character, "'"));
  }
  if (!'dvxX'.includes(letter)) return bad(verb, value);
  const hex = letter === 'x' || letter === 'X';
  const plain = precision === 0 && value === 0 ? '' : Math.abs(value).toString(hex ? 16 : 10);
  const digits = plain.padStart(precision ?? 0, '0');
  const cased = letter === 'X' ? digits.toUpperCase() : digits;
  const prefix = hex && flags.includes('#') ? `0${letter}` : '';
  return padNumber(
    precision === undefined ? verb : { ...verb, flags: flags.replaceAll('0', '') },
    value < 0,
    cased,
    prefix,
  );
}

function formatFloat(verb: Verb, value: number): string {
  const { letter, precision } = verb;
  const number = formatPositive(letter, precision, Math.abs(value));
  return number === undefined ? bad(verb, new GoFloat(value)) : padNumber(verb, isNegative(value), number);
}

function formatPositive(letter: string, precision: number | undefined, value: number): string | undefined {
  if (letter === 'f' || letter === 'F') return fixed(value, precision ?? 6);
  if (letter === 'e') return exponential(value, precision ?? 6);
  if (letter === 'E') return exponential(value, precision ?? 6).toUpperCase();
  if (letter !== 'g' && letter !== 'v') return undefined;
  return precision === undefined ? shortest(value) : general(value, precision || 1);
}

function padNumber(verb: Verb, negative: boolean, digits: string, prefix = ''): string {
  const { flags, width, letter } = verb;
  // As in Go, the plus of %+v is none for numbers.
  const positive = flags.includes('+') && letter !== 'v' ? '+' : flags.includes(' ') ? ' ' : '';
  const before = (negative ? '-' : positive) + prefix;
  const zeros = flags.includes('0') && !flags.includes('-');
  return zeros ? before + digits.padStart(width - before.length, '0') : pad(verb, before + digits);
}

function pad({ flags, width }: Verb, text: string): string {
  const missing = Math.max(0, width - Array.from(text).length);
  if (flags.includes('-')) return text + ' '.repeat(missing);
  return (flags.includes('0') ? '0' : ' ').repeat(missing) + text;
}

function bad({ letter }: Verb, value: unknown): string {
  return `%!${letter}(${typed(value)})`;
}

function typed(value: unknown): string {
  return `${typeName(value)}=${print(value)}`;
}

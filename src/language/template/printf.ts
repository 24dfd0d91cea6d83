import { goQuote, isNegative, print } from './print.ts';
import { exponential, fixed, general, hexadecimal, shortest } from './print-float.ts';
import { GoFloat, kindOf, numberOf, sortedEntries, typeName } from './values.ts';

interface Verb {
  /** Set for a value of the wrong type for its verb: there %v keeps its flags + and #. */
  isBad?: boolean;
  letter: string;
  flags: string;
  width: number;
  precision: number | undefined;
}

const directive = /%([-+# 0]*)(\d*)(?:\.(\d*))?(.?)/gsu;
const known = 'sdvqtxXfFeEgc%';
const max = { width: 1000, precision: 90 };

/**
 * Formats as Go's fmt.Sprintf, for JSON values: the verbs s d v q t x X f e g c and %%, with the flags `-+# 0`, width and
 * precision. Errors appear in the text, as in Go: `%!d(string=a)`, `%!d(MISSING)`, `%!(EXTRA int=1)`.
 * Throws RangeError for `*`, `[n]`, other verbs, widths over 1000 and precisions over 90.
 */
export function printf(format: string, values: readonly unknown[]): string {
  let next = 0;
  const text = format.replace(directive, (all, flags: string, width: string, precision: string | undefined, letter) => {
    if (letter === '' && precision !== '') return '%!(NOVERB)';
    if (letter === '' || !known.includes(letter)) throw new RangeError(`${JSON.stringify(all)} is not supported`);
    if (letter === 'v' && flags.includes('#')) throw new RangeError('%#v is not supported');
    if (letter === '%') return '%';
    const verb = {
      letter,
      // As in Go, the plus of %+v is for structs, and there are none.
      flags: letter === 'v' ? flags.replaceAll('+', '') : flags,
      width: Number(width),
      precision: precision === undefined ? undefined : Number(precision),
    };
    if (verb.width > max.width || (verb.precision ?? 0) > max.precision)
      throw new RangeError(`${all} exceeds the limit of width ${max.width} and precision ${max.precision}`);
    if (next >= values.length) return `%!${letter}(MISSING)`;
    next += 1;
    return formatValue(verb, values[next - 1]);
  });
  const extra = values
    .slice(next)
    .map((value) => (kindOf(value) === 'nil' ? '<nil>' : `${typeName(value)}=${print(value)}`));
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

/** Formats a member of a slice or map; nil is written without padding for any verb. */
function formatMember(verb: Verb, value: unknown): string {
  return kindOf(value) === 'nil' ? '<nil>' : formatValue(verb, value);
}

function formatText(verb: Verb, text: string): string {
  const { letter, precision, flags } = verb;
  const cut = precision === undefined ? text : Array.from(text).slice(0, precision).join('');
  if (letter === 's' || letter === 'v') return pad(verb, cut);
  if (letter === 'q') {
    const raw = flags.includes('#') && ![...cut].some((one) => isNeverRaw(one));
    return pad(verb, raw ? `\`${cut}\`` : goQuote(cut, { ascii: flags.includes('+') }));
  }
  if (letter !== 'x' && letter !== 'X') return bad(verb, text);
  const bytes = Buffer.from(text).subarray(0, precision);
  const prefix = flags.includes('#') && bytes.length > 0 ? '0x' : '';
  const hex = flags.includes(' ')
    ? Array.from(bytes, (byte) => prefix + byte.toString(16).padStart(2, '0')).join(' ')
    : prefix + bytes.toString('hex');
  return pad(verb, letter === 'X' ? hex.toUpperCase() : hex);
}

/** Returns true for characters that Go does not write between backquotes (strconv.CanBackquote). */
function isNeverRaw(character: string): boolean {
  return character === '`' || character === '\x7f' || character === '\uFEFF' || (character < ' ' && character !== '\t');
}

function formatInt(verb: Verb, value: number): string {
  const { letter, precision, flags, width } = verb;
  if (letter === 'c' || letter === 'q') {
    const isCode = value >= 0 && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
    const character = String.fromCodePoint(isCode ? value : 0xfffd);
    return pad(verb, letter === 'c' ? character : goQuote(character, { quote: "'", ascii: flags.includes('+') }));
  }
  if (!'dvxX'.includes(letter)) return bad(verb, value);
  const spaces = { ...verb, flags: flags.replaceAll('0', '') };
  if (precision === 0 && value === 0) return pad(spaces, '');
  const isHex = letter === 'x' || letter === 'X';
  const sign = value < 0 ? '-' : signOf(flags);
  const zeros = flags.includes('0') && !flags.includes('-') ? width - sign.length : 0;
  // As in Go, zeros fill the width without the 0x, which comes before them.
  const digits = Math.abs(value)
    .toString(isHex ? 16 : 10)
    .padStart(precision ?? zeros, '0');
  const prefix = isHex && flags.includes('#') ? '0x' : '';
  const number = `${prefix}${digits}`;
  return pad(spaces, sign + (letter === 'X' ? number.toUpperCase() : number));
}

function formatFloat(verb: Verb, value: number): string {
  const { letter, precision, flags, width } = verb;
  const positive = formatPositive(letter, precision, Math.abs(value));
  if (positive === undefined) return bad(verb, new GoFloat(value));
  if (!Number.isFinite(value)) {
    const sign = value < 0 ? '-' : signOf(flags) || (Number.isNaN(value) ? '' : '+');
    return pad({ ...verb, flags: flags.replaceAll('0', '') }, sign + positive.replace(/^\+/, ''));
  }
  const number =
    flags.includes('#') && (letter !== 'v' || verb.isBad) ? withPoint(positive, letter, precision) : positive;
  const sign = isNegative(value) ? '-' : signOf(flags);
  const zeros = flags.includes('0') && !flags.includes('-');
  return zeros ? sign + number.padStart(width - sign.length, '0') : pad(verb, sign + number);
}

function formatPositive(letter: string, precision: number | undefined, value: number): string | undefined {
  if (letter === 'f' || letter === 'F') return fixed(value, precision ?? 6);
  if (letter === 'e') return exponential(value, precision ?? 6);
  if (letter === 'E') return exponential(value, precision ?? 6).replace('e', 'E');
  if (letter === 'x') return hexadecimal(value, precision);
  if (letter === 'X') return hexadecimal(value, precision).toUpperCase().replace('INF', 'Inf').replace('NAN', 'NaN');
  if (letter !== 'g' && letter !== 'v') return undefined;
  return precision === undefined ? shortest(value) : general(value, precision || 1);
}

/** Applies the flag `#` to a float: always a decimal point, and zeros in %g and %x up to six digits or the precision. */
function withPoint(number: string, letter: string, precision: number | undefined): string {
  const [, digits = '', tail = ''] =
    (letter === 'x' || letter === 'X' ? /^([^pP]*)(.*)$/ : /^([^eE]*)(.*)$/).exec(number) ?? [];
  let missing = 'gvx'.includes(letter) ? (precision ?? 6) : 0;
  const significant = digits.replace('.', '').replace(/^0+/, '');
  missing -= significant.length;
  const hasPoint = digits.includes('.');
  if (!hasPoint && digits === '0') missing -= 1;
  return `${digits}${hasPoint ? '' : '.'}${'0'.repeat(Math.max(0, missing))}${tail}`;
}

function signOf(flags: string): string {
  return flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
}

function pad({ flags, width }: Verb, text: string): string {
  const missing = Math.max(0, width - Array.from(text).length);
  if (flags.includes('-')) return text + ' '.repeat(missing);
  return (flags.includes('0') ? '0' : ' ').repeat(missing) + text;
}

/** Formats a value of the wrong type as %v would, with the same flags, width and precision. */
function bad(verb: Verb, value: unknown): string {
  return `%!${verb.letter}(${typeName(value)}=${formatValue({ ...verb, letter: 'v', isBad: true }, value)})`;
}

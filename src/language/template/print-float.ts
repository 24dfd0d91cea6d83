/** Formats of Go's strconv.FormatFloat for non-negative values; the caller adds sign and width. */

/** Formats as `%v` and `%g`: the fewest digits that identify the value, with an exponent below 1e-4 and from 1e6. */
export function shortest(value: number): string {
  const special = notFinite(value);
  if (special) return special;
  const [digits = '', power = ''] = value.toExponential().split('e');
  return value !== 0 && (Number(power) < -4 || Number(power) >= 6) ? withExponent(digits, power) : String(value);
}

/** Formats as `%.2f`. */
export function fixed(value: number, precision: number): string {
  const special = notFinite(value);
  if (special) return special;
  // From 1e21 on toFixed writes an exponent; such numbers are integers.
  if (value >= 1e21) return precision > 0 ? `${BigInt(value)}.${'0'.repeat(precision)}` : String(BigInt(value));
  return halfToEven(value.toFixed(maxDigits), precision) ?? value.toFixed(precision);
}

/** Formats as `%.2e`. */
export function exponential(value: number, precision: number): string {
  const special = notFinite(value);
  if (special) return special;
  const [exact = '', power = ''] = value.toExponential(maxDigits).split('e');
  const even = halfToEven(exact, precision);
  if (even) return withExponent(even, power);
  const [digits = '', rounded = ''] = value.toExponential(precision).split('e');
  return withExponent(digits, rounded);
}

/** Formats as `%.3g`: at most `precision` significant digits, without trailing zeros. */
export function general(value: number, precision: number): string {
  const [digits = '', exponent = '0'] = exponential(value, precision - 1).split('e');
  const power = Number(exponent);
  if (!Number.isFinite(value)) return digits;
  if (power < -4 || power >= precision) return withExponent(trimZeros(digits), exponent);
  return trimZeros(fixed(value, Math.max(0, precision - 1 - power)));
}

/** Formats as `%x`: a hexadecimal mantissa with a binary exponent, 0x1.8p+01, with the fewest digits or `precision` ones. */
export function hexadecimal(value: number, precision: number | undefined): string {
  const special = notFinite(value);
  if (special) return special;
  const bits = new BigUint64Array(new Float64Array([value]).buffer)[0] ?? 0n;
  let mantissa = bits & ((1n << 52n) - 1n);
  let exponent = Number(bits >> 52n) - 1023;
  if (exponent === -1023) exponent = -1022;
  else mantissa |= 1n << 52n;
  if (mantissa === 0n) exponent = 0;
  while (mantissa !== 0n && mantissa < 1n << 52n) {
    mantissa <<= 1n;
    exponent -= 1;
  }
  if (precision !== undefined && precision < 13) mantissa = roundToEven(mantissa, BigInt(52 - 4 * precision));
  if (mantissa >= 1n << 53n) {
    mantissa >>= 1n;
    exponent += 1;
  }
  const digits = (mantissa & ((1n << 52n) - 1n)).toString(16).padStart(13, '0');
  const fraction =
    precision === undefined ? digits.replace(/0+$/, '') : digits.padEnd(precision, '0').slice(0, precision);
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `0x${mantissa >> 52n}${fraction && `.${fraction}`}p${exponent < 0 ? '-' : '+'}${power}`;
}

/** Rounds a number to even at its last bits, which become 0. */
function roundToEven(number: bigint, bits: bigint): bigint {
  const rest = number & ((1n << bits) - 1n);
  const half = 1n << (bits - 1n);
  const kept = number >> bits;
  const up = rest > half || (rest === half && (kept & 1n) === 1n);
  return (up ? kept + 1n : kept) << bits;
}

/** Maximum number of digits in JavaScript; a value halfway between two shorter numbers has fewer. */
const maxDigits = 100;

/** Rounds exact halves to the even digit, as Go; JavaScript rounds up. Returns undefined for other values. */
function halfToEven(exact: string, precision: number): string | undefined {
  const [whole = '', fraction = ''] = exact.split('.');
  if (!/^50*$/.test(fraction.slice(precision))) return undefined;
  const cut = precision > 0 ? `${whole}.${fraction.slice(0, precision)}` : whole;
  return /[02468]$/.test(cut) ? cut : undefined;
}

function withExponent(digits: string, exponent: string): string {
  const power = Number(exponent);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function trimZeros(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}

function notFinite(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  return value === Number.POSITIVE_INFINITY ? '+Inf' : undefined;
}

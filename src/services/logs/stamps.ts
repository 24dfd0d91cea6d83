/**
 * Orders stamps of RFC 3339 in UTC, with any number of digits in their fractions: below 0 when `a` is earlier. '' is
 * earlier than all.
 */
export function compareStamps(a: string, b: string): number {
  if (a.length === b.length) return order(a, b);
  return order(withoutZeros(a), withoutZeros(b));
}

/** Without the Z, which sorts after digits, a fraction comes after one that it only begins with; zeros at its end add nothing. */
function withoutZeros(stamp: string): string {
  return stamp.replace(/(?:\.0+|(\.\d*[1-9])0+)?Z$/, '$1');
}

function order(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The start of the second before the stamp's; whole seconds compare rightly with every fraction, and suit every engine. */
export function secondBefore(stamp: string): string {
  const seconds = Math.floor(Date.parse(stamp) / 1000) - 1;
  return `${new Date(seconds * 1000).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}Z`;
}

/**
 * Orders stamps of RFC 3339 in UTC, with any number of digits in their fractions: below 0 when `a` is earlier. '' is
 * earlier than all.
 */
export function compareStamps(a: string, b: string): number {
  // Without the Z, which sorts after digits, a shorter fraction comes before the longer one that begins with it.
  const [left, right] = a.length === b.length ? [a, b] : [a.replace('Z', ''), b.replace('Z', '')];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The start of the second before the stamp's; whole seconds compare rightly with every fraction, and suit every engine. */
export function secondBefore(stamp: string): string {
  const seconds = Math.floor(Date.parse(stamp) / 1000) - 1;
  return `${new Date(seconds * 1000).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}Z`;
}

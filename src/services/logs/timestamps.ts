/**
 * Compares RFC 3339 timestamps in UTC, with any number of fraction digits. Negative when `a` is earlier; '' is earlier than
 * all.
 */
export function compareTimestamps(a: string, b: string): number {
  if (a.length === b.length) return order(a, b);
  return order(withoutZeros(a), withoutZeros(b));
}

/** Removes the Z, which sorts after digits, and zeros at the end of the fraction, so that texts compare like their times. */
function withoutZeros(timestamp: string): string {
  return timestamp.replace(/(?:\.0+|(\.\d*[1-9])0+)?Z$/, '$1');
}

function order(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Returns the start of the previous second. Whole seconds compare correctly with every fraction and suit every engine. */
export function secondBefore(timestamp: string): string {
  const seconds = Math.floor(Date.parse(timestamp) / 1000) - 1;
  return `${new Date(seconds * 1000).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}Z`;
}

/** Pads the fraction of a timestamp to nine digits, so that timestamps compare as strings; engines omit trailing zeros. */
export function normalizeTimestamp(timestamp: string): string {
  const [, seconds, fraction = ''] = /^([^.Z]+)(?:\.(\d+))?Z$/.exec(timestamp) ?? [];
  return seconds === undefined ? timestamp : `${seconds}.${fraction.padEnd(9, '0')}Z`;
}

/** Engines cut trailing zeros of a stamp's fraction; with all nine digits, stamps compare as texts. */
export function comparable(stamp: string): string {
  const [, seconds, fraction = ''] = /^([^.Z]+)(?:\.(\d+))?Z$/.exec(stamp) ?? [];
  return seconds === undefined ? stamp : `${seconds}.${fraction.padEnd(9, '0')}Z`;
}

/** The engine cuts trailing zeros of a stamp's fraction; with all nine digits, stamps compare as texts. */
export function comparable(stamp: string): string {
  const [, seconds, fraction = ''] = /^([^.Z]+)(?:\.(\d+))?Z$/.exec(stamp) ?? [];
  return seconds === undefined ? stamp : `${seconds}.${fraction.padEnd(9, '0')}Z`;
}

/** Seconds and nanoseconds since 1970 as text: a number has too few digits (Docker Engine API, ContainerLogs, `since`). */
export function unixTime(stamp: string): string {
  const [seconds = '', fraction = ''] = comparable(stamp).slice(0, -1).split('.');
  return `${Date.parse(`${seconds}Z`) / 1000}.${fraction}`;
}

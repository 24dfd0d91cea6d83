import { comparable } from '../../model/engine/stamps.ts';

/** Seconds and nanoseconds since 1970 as text: a number has too few digits (Docker Engine API, ContainerLogs, `since`). */
export function unixTime(stamp: string): string {
  const [seconds = '', fraction = ''] = comparable(stamp).slice(0, -1).split('.');
  return `${Date.parse(`${seconds}Z`) / 1000}.${fraction}`;
}

import { normalizeTimestamp } from '../../model/engine/timestamps.ts';

/** Converts a timestamp to `<seconds>.<nanoseconds>` since 1970 as text (Docker Engine API, ContainerLogs, `since`). */
export function unixTime(timestamp: string): string {
  const [seconds = '', fraction = ''] = normalizeTimestamp(timestamp).slice(0, -1).split('.');
  return `${Date.parse(`${seconds}Z`) / 1000}.${fraction}`;
}

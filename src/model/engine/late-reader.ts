import type { ContainerState } from './runtime.ts';

/** Time after a container's start within which a reader gets its log from the beginning. */
const maxDelayMs = 5000;

/** Returns true when a container's log is read so late that its beginning may have been rotated away. */
export function isLateReader({ startedAt }: Pick<ContainerState, 'startedAt'>): boolean {
  return startedAt !== undefined && Date.now() - Date.parse(startedAt) > maxDelayMs;
}

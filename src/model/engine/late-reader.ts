import type { ContainerState } from './runtime.ts';

/** Milliseconds from a container's start within which a reader of its log counts as one from the beginning. */
const maxDelayMs = 5000;

/** True when the log of a container is read so late after its start that its beginning may be gone, if it rotates. */
export function isLateReader({ startedAt }: Pick<ContainerState, 'startedAt'>): boolean {
  return startedAt !== undefined && Date.now() - Date.parse(startedAt) > maxDelayMs;
}

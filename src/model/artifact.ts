/** A file that a step has written, with its path relative to the step's folder. */
export interface Artifact {
  step: string;
  path: string;
  /** Bytes. */
  size: number;
}

/** Size of a part of a file in the runner's log, in bytes. */
export const artifactPartBytes = 48 * 1024;

/** Returns the number of parts of a file of that size; an empty file has one. */
export function countParts(size: number): number {
  return Math.max(1, Math.ceil(size / artifactPartBytes));
}

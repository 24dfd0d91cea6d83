/** A file that a step left, with its path below the step's folder. */
export interface Artifact {
  step: string;
  path: string;
  /** Bytes. */
  size: number;
}

/** Bytes of a part of a file, as which it crosses the runner's log. */
export const artifactPart = 48 * 1024;

/** How many parts a file of that size has; an empty one has one. */
export function partsOf(size: number): number {
  return Math.max(1, Math.ceil(size / artifactPart));
}

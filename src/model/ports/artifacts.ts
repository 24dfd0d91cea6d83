import type { Artifact } from '../artifact.ts';

/** Files that steps left. */
export interface ArtifactStore {
  /** Keeps one part of a file; the same part again replaces it. */
  put(taskId: string, attempt: number, artifact: Artifact, part: number, data: Uint8Array): Promise<void>;
  /** All of an attempt, by step and path; `complete` unless a part was lost with the runner's log. */
  list(taskId: string, attempt: number): Promise<(Artifact & { complete: boolean })[]>;
  /** The whole content; undefined if it is not there or not complete. */
  read(taskId: string, attempt: number, step: string, path: string): Promise<Buffer | undefined>;
  /** Removes what attempts 1 … `attempts` of a task have. */
  delete(taskId: string, attempts: number): Promise<void>;
}

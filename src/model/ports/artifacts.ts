import type { Artifact } from '../artifact.ts';

/** Store of the files that steps have written. */
export interface ArtifactStore {
  /** Stores a part of a file; replaces the same part. */
  put(taskId: string, attempt: number, artifact: Artifact, part: number, data: Uint8Array): Promise<void>;
  /** Lists the files of an attempt, by step and path; `complete` unless a part was lost with the runner's log. */
  list(taskId: string, attempt: number): Promise<(Artifact & { complete: boolean })[]>;
  /** Returns the whole content; undefined if it is missing or incomplete. */
  read(taskId: string, attempt: number, step: string, path: string): Promise<Buffer | undefined>;
  /** Deletes the files of attempts 1 … `attempts` of a task. */
  delete(taskId: string, attempts: number): Promise<void>;
}

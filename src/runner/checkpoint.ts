import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Marker } from '../model/marker.ts';

/** Input and output of a step. */
export interface NodeState {
  input: Record<string, unknown>;
  output: Record<string, unknown>;
  /** Paths of output values that contained a secret in an earlier attempt and are masked. */
  masked?: string[][];
}

/** Progress of an attempt, sufficient to resume after the last completed step. */
export interface Checkpoint {
  /** The attempt's mark; a checkpoint of another attempt is ignored. */
  mark: string;
  /** Steps that succeeded. */
  done: { instance: string; state: NodeState }[];
  /** Steps that failed, in order of time. */
  failed: string[];
  /** Numbers of failed tries by instance. */
  failedTries?: Record<string, number>;
  /** Newest step.end: saved before it is printed, so that a crash in between does not lose it. */
  lastEnd?: Marker;
  /** Marker runner.end of a run with a verdict. */
  verdict?: Marker;
}

/** Loads the checkpoint of the attempt, or returns an empty one. Throws when the file exists and cannot be read: no step may run twice. */
export async function loadCheckpoint(file: string, mark: string): Promise<Checkpoint> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return emptyCheckpoint(mark);
    throw error;
  }
  const stored: Checkpoint = JSON.parse(text);
  return stored.mark === mark ? stored : emptyCheckpoint(mark);
}

function emptyCheckpoint(mark: string): Checkpoint {
  return { mark, done: [], failed: [] };
}

/** Replaces the checkpoint atomically: after a crash the file holds the old or the new one. */
export async function saveCheckpoint(file: string, checkpoint: Checkpoint): Promise<void> {
  const next = `${file}.next`;
  await useAndSync(next, 'w', (handle) => handle.writeFile(JSON.stringify(checkpoint)));
  await rename(next, file);
  await useAndSync(dirname(file), 'r', async () => {});
}

type Handle = Awaited<ReturnType<typeof open>>;

async function useAndSync(path: string, flags: string, use: (handle: Handle) => Promise<void>): Promise<void> {
  const handle = await open(path, flags);
  try {
    await use(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

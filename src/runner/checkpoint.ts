import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Marker } from '../model/marker.ts';

/** What a step got and what it returned. */
export interface NodeState {
  input: Record<string, unknown>;
  output: Record<string, unknown>;
  /** Paths in the output of what held a secret in an attempt before, and is masked. */
  masked?: string[][];
}

/** How far an attempt has come: enough to go on after the last completed step. */
export interface Checkpoint {
  /** The attempt's mark; a checkpoint of another attempt does not count. */
  mark: string;
  /** The steps that succeeded. */
  done: { instance: string; state: NodeState }[];
  /** Those that failed, the first one first. */
  failed: string[];
  /** By instance: how many tries of a step have failed. */
  failedTries?: Record<string, number>;
  /** The newest step.end: written before it is printed, so that a crash in between does not lose it. */
  lastEnd?: Marker;
  /** The runner.end of a run whose verdict is made. */
  verdict?: Marker;
}

/** The checkpoint of the attempt, or a fresh one. Throws when the file is there and cannot be read: nothing may run twice. */
export async function loadCheckpoint(file: string, mark: string): Promise<Checkpoint> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return fresh(mark);
    throw error;
  }
  const stored: Checkpoint = JSON.parse(text);
  return stored.mark === mark ? stored : fresh(mark);
}

function fresh(mark: string): Checkpoint {
  return { mark, done: [], failed: [] };
}

/** Replaces the checkpoint; after a crash at any moment the file holds the old or the new one. */
export async function saveCheckpoint(file: string, checkpoint: Checkpoint): Promise<void> {
  const next = `${file}.next`;
  await syncedAfter(next, 'w', (handle) => handle.writeFile(JSON.stringify(checkpoint)));
  await rename(next, file);
  await syncedAfter(dirname(file), 'r', async () => {});
}

type Handle = Awaited<ReturnType<typeof open>>;

async function syncedAfter(path: string, flags: string, use: (handle: Handle) => Promise<void>): Promise<void> {
  const handle = await open(path, flags);
  try {
    await use(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

import type { LogPosition } from '../../model/log.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import { addNote } from '../logs/collect/add-note.ts';
import { compareStamps } from '../logs/stamps.ts';
import { forgetKey } from './marker-reader.ts';

/** An end of a runner that a restart would answer. */
export interface Crash {
  streamId: string;
  finishedAt: string;
  exitCode?: number;
  /** How often the cluster says that it was started again before; without it, the log counts. */
  restarts?: number;
}

/**
 * Counts a restart in the runner's own log, once whoever else sees the same end; not one more than `most`, and none when
 * the run is being stopped. True when the runner is to be started again.
 */
export async function countRestart(
  logs: LogStore,
  { streamId, finishedAt, exitCode, restarts: counted }: Crash,
  most: number,
): Promise<{ position: LogPosition; again: boolean }> {
  const isAnswered = ({ answeredExit }: LogPosition): boolean =>
    answeredExit !== undefined && compareStamps(finishedAt, answeredExit) <= 0;
  const position = await addNote(logs, streamId, (position) => {
    const before = counted ?? position.restarts;
    if (position.stopping || before >= most || isAnswered(position)) return undefined;
    const restarts = before + 1;
    const text = `runner exited with code ${exitCode ?? 'unknown'}; started again (${restarts} of ${most})`;
    return { at: finishedAt, text, position: { ...forgetKey(position), restarts, answeredExit: finishedAt } };
  });
  return { position, again: isAnswered(position) && !position.stopping };
}

/** Lets every follower of the run know that its runner is not to be started again. */
export async function forbidRestarts(logs: LogStore, streamId: string): Promise<void> {
  await addNote(logs, streamId, (position) => {
    if (position.stopping) return undefined;
    const text = 'the run is being stopped, so the runner is told to end';
    return { at: new Date().toISOString(), text, position: { ...position, stopping: true } };
  });
}

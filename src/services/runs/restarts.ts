import type { LogPosition } from '../../model/log.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import { addNote } from '../logs/collect/add-note.ts';
import { compareTimestamps } from '../logs/timestamps.ts';
import { forgetKey } from './marker-reader.ts';

/** An exit of a runner that calls for a restart. */
export interface Crash {
  streamId: string;
  finishedAt: string;
  exitCode?: number;
  /** Number of earlier restarts by the cluster's count; if absent, the log's count is used. */
  restarts?: number;
}

/**
 * Counts a restart in the runner's log, once per exit also with concurrent followers. Counts at most `maxRestarts`, and none
 * while the run is being stopped. `isRestartDue` is true when the runner has to be restarted.
 */
export async function countRestart(
  logs: LogStore,
  { streamId, finishedAt, exitCode, restarts: counted }: Crash,
  maxRestarts: number,
): Promise<{ position: LogPosition; isRestartDue: boolean }> {
  const isAnswered = ({ answeredExit }: LogPosition): boolean =>
    answeredExit !== undefined && compareTimestamps(finishedAt, answeredExit) <= 0;
  const position = await addNote(logs, streamId, (position) => {
    const before = counted ?? position.restarts;
    if (position.stopping || before >= maxRestarts || isAnswered(position)) return undefined;
    const restarts = before + 1;
    const text = `runner exited with code ${exitCode ?? 'unknown'}; started again (${restarts} of ${maxRestarts})`;
    return { at: finishedAt, text, position: { ...forgetKey(position), restarts, answeredExit: finishedAt } };
  });
  return { position, isRestartDue: isAnswered(position) && !position.stopping };
}

/** Tells every follower of the run not to restart its runner. */
export async function forbidRestarts(logs: LogStore, streamId: string): Promise<void> {
  await addNote(logs, streamId, (position) => {
    if (position.stopping) return undefined;
    const text = 'the run is being stopped, so the runner is told to end';
    return { at: new Date().toISOString(), text, position: { ...position, stopping: true } };
  });
}

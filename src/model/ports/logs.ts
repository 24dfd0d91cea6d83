import type { LogChunk, LogStream } from '../log.ts';

/** Where logs are kept; MongoDB behind it, insert-only. */
export interface LogStore {
  /** Makes the stream known to readers; the same stream again changes nothing. */
  open(stream: LogStream): Promise<void>;
  /** False when a chunk of that number exists already, so somebody else writes this stream. */
  insert(chunk: LogChunk): Promise<boolean>;
  /** The stream's newest chunk, or undefined of an empty stream. */
  last(streamId: string): Promise<LogChunk | undefined>;
  /** Chunks `from` … `from + count - 1`, in order, as far as they exist without a hole. */
  read(streamId: string, from: number, count: number): Promise<LogChunk[]>;
  streams(taskId: string): Promise<LogStream[]>;
  /** When a step of the stream's attempt began and was over, as its record has it; see StepRecord. */
  stepPlace(stream: LogStream, step: string): Promise<{ begun?: number; over?: number }>;
  /** Removes all that a task or a build has, but what is shared. */
  delete(taskId: string): Promise<void>;
}

import type { LogChunk, LogStream } from '../log.ts';

/** Insert-only store of logs. */
export interface LogStore {
  /** Registers a stream for readers; registering it again changes nothing. */
  open(stream: LogStream): Promise<void>;
  /** Returns false when a chunk with that number exists: another writer has this stream. */
  insert(chunk: LogChunk): Promise<boolean>;
  /** Returns the newest chunk of a stream, or undefined when it is empty. */
  last(streamId: string): Promise<LogChunk | undefined>;
  /** Returns chunks `from` … `from + count - 1` in order, up to the first missing one. */
  read(streamId: string, from: number, count: number): Promise<LogChunk[]>;
  streams(taskId: string): Promise<LogStream[]>;
  /** Returns the sequence numbers of a step's start and end in the stream's attempt; see StepRecord. */
  stepOrdinals(stream: LogStream, step: string): Promise<{ begun?: number; over?: number }>;
  /** Deletes all logs of a task or a build, except shared ones. */
  delete(taskId: string): Promise<void>;
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';

/** A folder of one test file, and a logger with readable lines. */
export interface Workspace {
  path: string;
  log: Logger;
  /** Returns the whole log as JSON lines. */
  logged(): string;
  remove(): Promise<void>;
}

export async function createWorkspace(): Promise<Workspace> {
  const path = await mkdtemp(join(tmpdir(), 'brightbird-build-'));
  const lines: string[] = [];
  return {
    path,
    log: pino({ base: null }, { write: (line: string) => lines.push(line) }),
    logged: () => lines.join(''),
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}

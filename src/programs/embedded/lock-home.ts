import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Fault } from '../../model/fault.ts';

/**
 * Locks the data directory for this process. Returns a function that unlocks it. The kernel's lock on a SQLite file also ends
 * when this process is killed. Throws `conflict` when another program holds it.
 */
export async function lockHome(home: string): Promise<() => void> {
  await mkdir(home, { recursive: true });
  const lock = new DatabaseSync(join(home, 'lock'));
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw new Fault('conflict', `another BrightBird uses the data directory ${home}`, {
      hint: 'stop it, or set BRIGHTBIRD_HOME to another directory',
      cause: error,
    });
  }
  return () => lock.close();
}

import { Fault } from './fault.ts';

/** Returns the record that was looked up. Throws `not_found` when it is undefined; `what` names it, as in `job 4f1c`. */
export function requireFound<T>(record: T | undefined, what: string, hint?: string): T {
  if (record !== undefined) return record;
  throw new Fault('not_found', `${what} does not exist`, { hint });
}

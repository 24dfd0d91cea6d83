import { Fault } from './fault.ts';

/** The record that was looked up. Throws `not_found` when there is none; `what` names it, as in `job 4f1c`. */
export function found<T>(record: T | undefined, what: string, hint?: string): T {
  if (record !== undefined) return record;
  throw new Fault('not_found', `${what} does not exist`, { hint });
}

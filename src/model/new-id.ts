import { randomBytes } from 'node:crypto';

/** A new record's id: 16 hex characters, safe in URLs, in names of containers and in ids of workflows. */
export function newId(): string {
  return randomBytes(8).toString('hex');
}

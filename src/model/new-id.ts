import { randomBytes } from 'node:crypto';

/** Returns an id for a new record: 16 hex characters, safe in URLs, container names and workflow ids. */
export function newId(): string {
  return randomBytes(8).toString('hex');
}

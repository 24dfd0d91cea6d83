import { ZodError, z } from 'zod';
import type { Delivery } from '../model/delivery.ts';
import { readCreate } from './create.ts';
import { readPullRequest } from './pull-request.ts';
import { readPush } from './push.ts';
import type { Payload } from './read-payload.ts';
import type { Reading } from './reading.ts';
import { readRelease } from './release.ts';
import { repositorySchema } from './shapes.ts';

const readers: ReadonlyMap<string, (payload: Payload) => Reading> = new Map([
  ['pull_request', readPullRequest],
  ['create', readCreate],
  ['release', readRelease],
  ['push', readPush],
  ['ping', () => ({ summary: 'a ping: the hook reaches BrightBird' })],
]);

const actionSchema = z.string().regex(/^[a-z0-9_]{1,50}$/);

/** What a payload says, by itself. */
export type ReadEvent = Pick<Delivery, 'event' | 'repo' | 'summary' | 'hook' | 'unreadable'>;

/**
 * Reads what a delivery is to rules, by the name of its event and its payload. An event that rules do not look at has no
 * `hook`, one that lacks what matching needs is `unreadable`; the summary says why.
 */
export function readEvent(name: string, payload: Payload): ReadEvent {
  const action = actionSchema.safeParse(payload.action);
  const event = action.success ? `${name}.${action.data}` : name;
  const repository = repositorySchema.safeParse(payload.repository);
  const repo = repository.success ? repository.data.full_name : undefined;
  const { summary, ...rest } = reading(name, payload, event);
  return { event, ...(repo !== undefined && { repo }), summary: repo ? `${repo}: ${summary}` : summary, ...rest };
}

function reading(name: string, payload: Payload, event: string): Reading {
  try {
    return readers.get(name)?.(payload) ?? { summary: `${event} is none of the events that rules look at` };
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    const [issue] = error.issues;
    const summary = `the payload is not as GitHub documents ${event}: ${issue?.path.join('.')}: ${issue?.message}`;
    return { summary, unreadable: true };
  }
}

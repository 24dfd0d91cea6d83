import { createEventHandler, type EmitterWebhookEvent, type EmitterWebhookEventName } from '@octokit/webhooks';
import { ZodError, z } from 'zod';
import type { ReadEvent } from '../../model/ports/webhooks.ts';
import { readCreate } from './create.ts';
import { readPullRequest } from './pull-request.ts';
import { readPush } from './push.ts';
import type { Payload } from './read-payload.ts';
import type { Reading } from './reading.ts';
import { readRelease } from './release.ts';
import { repositorySchema } from './shapes.ts';

const readers: readonly [EmitterWebhookEventName, (payload: Payload) => Reading][] = [
  ['pull_request', readPullRequest],
  ['create', readCreate],
  ['release', readRelease],
  ['push', readPush],
  ['ping', () => ({ summary: 'a ping: the hook reaches BrightBird' })],
];

/** The handler warns of events that it does not know; that is what the summary says. */
const nothing = (): void => undefined;
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

const actionSchema = z.string().regex(/^[a-z0-9_]{1,50}$/);

/**
 * Reads what a delivery is to rules, by the name of its event and its payload. An event that rules do not look at has no
 * `hook`, one that lacks what matching needs is `unreadable`; the summary says why.
 */
export async function readEvent(name: string, payload: Payload): Promise<ReadEvent> {
  const action = actionSchema.safeParse(payload.action);
  const event = action.success ? `${name}.${action.data}` : name;
  const repository = repositorySchema.safeParse(payload.repository);
  const repo = repository.success ? repository.data.full_name : undefined;
  const { summary, ...rest } = await reading(name, payload, event);
  return { event, ...(repo !== undefined && { repo }), summary: repo ? `${repo}: ${summary}` : summary, ...rest };
}

async function reading(name: string, payload: Payload, event: string): Promise<Reading> {
  let found: Reading = { summary: `${event} is none of the events that rules look at` };
  if (!readers.some(([reads]) => reads === name)) return found;
  const events = createEventHandler({ log: silent });
  for (const [reads, read] of readers) {
    events.on(reads, () => {
      found = read(payload);
    });
  }
  try {
    // The payload is not as its type says until a reader has parsed it.
    await events.receive({ id: '', name, payload } as unknown as EmitterWebhookEvent);
    return found;
  } catch (error) {
    // The handler collects what its listeners throw.
    const [first] = error instanceof AggregateError ? error.errors : [error];
    if (!(first instanceof ZodError)) throw first;
    const [issue] = first.issues;
    const summary = `the payload is not as GitHub documents ${event}: ${issue?.path.join('.')}: ${issue?.message}`;
    return { summary, unreadable: true };
  }
}

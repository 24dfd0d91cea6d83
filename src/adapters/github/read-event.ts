import { createEventHandler, type EmitterWebhookEvent, type EmitterWebhookEventName } from '@octokit/webhooks';
import { ZodError, z } from 'zod';
import type { ReadEvent } from '../../model/ports/webhooks.ts';
import { readCreate } from './create.ts';
import type { ParsedEvent } from './parsed-event.ts';
import { readPullRequest } from './pull-request.ts';
import { readPush } from './push.ts';
import type { Payload } from './read-payload.ts';
import { readRelease } from './release.ts';
import { repositorySchema } from './shapes.ts';

const readers: readonly [EmitterWebhookEventName, (payload: Payload) => ParsedEvent][] = [
  ['pull_request', readPullRequest],
  ['create', readCreate],
  ['release', readRelease],
  ['push', readPush],
  ['ping', () => ({ summary: 'a ping: the webhook reaches BrightBird' })],
];

/** Silences the handler's warnings about unknown events, which the summary reports. */
const noop = (): void => undefined;
const silent = { debug: noop, info: noop, warn: noop, error: noop };

const actionSchema = z.string().regex(/^[a-z0-9_]{1,50}$/);

/**
 * Reads a delivery for rules, by its event's name and its payload. An event that rules do not use has no `hook`; an event that
 * lacks a field needed for matching is `unreadable`. The summary says why.
 */
export async function readEvent(name: string, payload: Payload): Promise<ReadEvent> {
  const action = actionSchema.safeParse(payload.action);
  const event = action.success ? `${name}.${action.data}` : name;
  const repository = repositorySchema.safeParse(payload.repository);
  const repo = repository.success ? repository.data.full_name : undefined;
  const { summary, ...rest } = await reading(name, payload, event);
  return { event, ...(repo !== undefined && { repo }), summary: repo ? `${repo}: ${summary}` : summary, ...rest };
}

async function reading(name: string, payload: Payload, event: string): Promise<ParsedEvent> {
  let found: ParsedEvent = { summary: `rules do not use the event ${event}` };
  if (!readers.some(([reads]) => reads === name)) return found;
  const events = createEventHandler({ log: silent });
  for (const [reads, read] of readers) {
    events.on(reads, () => {
      found = read(payload);
    });
  }
  try {
    // The payload's type is unproven until a reader has parsed it.
    await events.receive({ id: '', name, payload } as unknown as EmitterWebhookEvent);
    return found;
  } catch (error) {
    // The handler collects the errors of its listeners.
    const [first] = error instanceof AggregateError ? error.errors : [error];
    if (!(first instanceof ZodError)) throw first;
    const [issue] = first.issues;
    const summary = `the payload differs from GitHub's documentation of ${event}: ${issue?.path.join('.')}: ${issue?.message}`;
    return { summary, unreadable: true };
  }
}

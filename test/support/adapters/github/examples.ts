import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';

/** What GitHub sent, as recorded by `@octokit/webhooks-examples`. */
export interface Example {
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests change single fields of payloads of every shape
  payload: any;
}

const all: { name: string; examples: Example['payload'][] }[] = createRequire(import.meta.url)(
  '@octokit/webhooks-examples',
);

/** All recorded payloads, or those of one event; a copy that a test may change. */
export function examples(name?: string): Example[] {
  return all
    .filter((event) => name === undefined || event.name === name)
    .flatMap((event) => event.examples.map((payload) => ({ name: event.name, payload: structuredClone(payload) })));
}

/** The first recorded payload of an event that fits, with other values at some of its fields. */
export function example(
  name: string,
  fits: (payload: Example['payload']) => boolean = () => true,
  change: (payload: Example['payload']) => void = () => undefined,
): Example {
  const found = examples(name).find(({ payload }) => fits(payload));
  if (!found) throw new Error(`there is no such example of ${name}`);
  change(found.payload);
  return found;
}

/** The recorded payload of a closed pull request, as it is when it was merged: the examples have none that was. */
export function merged(change: (payload: Example['payload']) => void = () => undefined): Example {
  return example(
    'pull_request',
    ({ action }) => action === 'closed',
    (payload) => {
      payload.pull_request.merged = true;
      payload.pull_request.merged_by = payload.sender;
      change(payload);
    },
  );
}

/** The recorded push that made a tag. */
export function taggedPush(change: (payload: Example['payload']) => void = () => undefined): Example {
  return example('push', ({ ref, created }) => created && ref.startsWith('refs/tags/'), change);
}

export function sign(body: string | Uint8Array, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';

/** Recorded deliveries of GitHub from `@octokit/webhooks-examples`. */
export interface Example {
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests change single fields of payloads of every shape
  payload: any;
}

const all: { name: string; examples: Example['payload'][] }[] = createRequire(import.meta.url)(
  '@octokit/webhooks-examples',
);

/** Returns copies of all recorded payloads, or of those of one event. */
export function examples(name?: string): Example[] {
  return all
    .filter((event) => name === undefined || event.name === name)
    .flatMap((event) => event.examples.map((payload) => ({ name: event.name, payload: structuredClone(payload) })));
}

/** Returns the first matching recorded payload of an event, with changed fields. */
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

/** Returns the recorded payload of a closed pull request, changed to a merge, which the examples lack. */
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

/** Returns the recorded push of a new tag. */
export function taggedPush(change: (payload: Example['payload']) => void = () => undefined): Example {
  return example('push', ({ ref, created }) => created && ref.startsWith('refs/tags/'), change);
}

export function sign(body: string | Uint8Array, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

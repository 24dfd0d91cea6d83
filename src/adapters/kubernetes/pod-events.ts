import { z } from 'zod';
import type { Cluster } from './cluster.ts';

const maxEvents = 5;

const eventsSchema = z.looseObject({
  items: z
    .array(
      z.looseObject({
        type: z.string().default(''),
        reason: z.string().default(''),
        message: z.string().default(''),
        lastTimestamp: z.string().nullish(),
        eventTime: z.string().nullish(),
      }),
    )
    .nullish(),
});

/** Describes an object's events, newest last, as the end of a message; '' without any or if they cannot be read. */
export async function describeEvents(
  { namespace, log }: Pick<Cluster, 'namespace' | 'log'>,
  uid: string,
  signal: AbortSignal,
): Promise<string> {
  try {
    const query = { fieldSelector: `involvedObject.uid=${uid}` };
    const path = `/api/v1/namespaces/${namespace.name}/events`;
    const { items } = eventsSchema.parse(await namespace.api.call({ path, query, signal }));
    const time = (event: NonNullable<typeof items>[number]): string => event.lastTimestamp ?? event.eventTime ?? '';
    const texts = (items ?? [])
      .sort((a, b) => (time(a) < time(b) ? -1 : 1))
      .map(({ reason, message }) => `${reason}: ${message}`);
    const lines = [...new Set(texts)].slice(-maxEvents);
    return lines.length > 0 ? `; its events:\n${lines.join('\n')}` : '';
  } catch (error) {
    signal.throwIfAborted();
    log.warn({ err: error }, 'cannot read the events of an object');
    return '';
  }
}

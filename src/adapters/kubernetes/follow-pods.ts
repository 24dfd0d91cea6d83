import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { ApiError, apiFault, isExpired } from './api-errors.ts';
import { type Cluster, patiently } from './cluster.ts';
import { type Pod, podSchema } from './pod.ts';
import { readLines } from './read-lines.ts';

/** Seconds after which the server ends a watch, and milliseconds after which all is listed again, come what may. */
const watchSeconds = 240;
const listEvery = 30_000;

const eventSchema = z.looseObject({ type: z.string(), object: z.unknown() });
const statusSchema = z.looseObject({
  code: z.number(),
  reason: z.string().default(''),
  message: z.string().default(''),
});

export interface PodsQuery {
  labelSelector: string;
  /** What is told in messages. */
  doing: string;
}

/**
 * Keeps `pods` as the cluster has them, by uid, and calls `changed` after every change: a list, then a watch from there on,
 * and a list again every 30 s, after 410 Gone, and whenever the watch breaks off. Returns when aborted; throws
 * `engine_unavailable` when the API server stays away.
 */
export async function followPods(
  cluster: Cluster,
  query: PodsQuery,
  pods: Map<string, Pod>,
  changed: () => void,
  signal: AbortSignal,
): Promise<void> {
  for (let wait = 50; !signal.aborted; wait = Math.min(wait * 2, 2000)) {
    const { items, resourceVersion } = await patiently(cluster, query.doing, signal, () =>
      cluster.namespace.list('Pod', query.labelSelector, signal),
    );
    pods.clear();
    for (const item of items) put(pods, item);
    changed();
    const round = AbortSignal.any([signal, AbortSignal.timeout(listEvery)]);
    try {
      await watchFrom(cluster, query, resourceVersion, pods, changed, round);
      wait = 50;
    } catch (error) {
      if (signal.aborted) return;
      if (round.aborted) {
        wait = 50;
        continue;
      }
      // An answer such as 403 would be the same again; one that is no refusal is waited out by the list.
      if (error instanceof ApiError && error.status < 500 && error.status !== 429 && !isExpired(error)) {
        throw apiFault(error, query.doing);
      }
      cluster.log.warn({ err: error }, 'a watch of pods broke off');
    }
    await pause(wait, undefined, { signal }).catch(() => undefined);
  }
}

async function watchFrom(
  { namespace }: Cluster,
  { labelSelector }: PodsQuery,
  from: string,
  pods: Map<string, Pod>,
  changed: () => void,
  signal: AbortSignal,
): Promise<void> {
  const query = {
    labelSelector,
    watch: true,
    timeoutSeconds: watchSeconds,
    resourceVersion: from,
  };
  const stream = await namespace.api.stream({ path: namespace.path('Pod'), query, signal });
  for await (const line of readLines(stream)) {
    const { type, object } = eventSchema.parse(JSON.parse(line.toString('utf8')));
    if (type === 'ERROR') {
      const { code, reason, message } = statusSchema.parse(object);
      throw new ApiError(code, reason, message);
    }
    if (type === 'DELETED') pods.delete(podSchema.parse(object).metadata.uid);
    else put(pods, object);
    changed();
  }
}

function put(pods: Map<string, Pod>, object: unknown): void {
  const pod = podSchema.parse(object);
  pods.set(pod.metadata.uid, pod);
}

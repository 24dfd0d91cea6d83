import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { ApiError, apiFault, isExpired } from './api-errors.ts';
import { type Cluster, retryWhileUnreachable } from './cluster.ts';
import { type Pod, podSchema } from './pod.ts';
import { readLines } from './read-lines.ts';

/** Time after which the server ends a watch, and interval of listing all pods again in any case. */
const watchTimeoutSeconds = 240;
const relistIntervalMs = 30_000;

const eventSchema = z.looseObject({ type: z.string(), object: z.unknown() });
const statusSchema = z.looseObject({
  code: z.number(),
  reason: z.string().default(''),
  message: z.string().default(''),
});

export interface PodsQuery {
  labelSelector: string;
  /** Action that messages begin with. */
  action: string;
}

/**
 * Keeps `pods`, by uid, in sync with the cluster and calls `onChange` after every change. Lists, then watches from
 * there on, and lists again every 30 s, after 410 Gone, and when the watch breaks. Returns when aborted. Throws
 * `engine_unavailable` when the API server stays unreachable.
 */
export async function followPods(
  cluster: Cluster,
  query: PodsQuery,
  pods: Map<string, Pod>,
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  for (let wait = 50; !signal.aborted; wait = Math.min(wait * 2, 2000)) {
    const { items, resourceVersion } = await retryWhileUnreachable(cluster, query.action, signal, () =>
      cluster.namespace.list('Pod', query.labelSelector, signal),
    );
    pods.clear();
    for (const item of items) put(pods, item);
    onChange();
    const round = AbortSignal.any([signal, AbortSignal.timeout(relistIntervalMs)]);
    try {
      await watchFrom(cluster, query, resourceVersion, pods, onChange, round);
      wait = 50;
    } catch (error) {
      if (signal.aborted) return;
      if (round.aborted) {
        wait = 50;
        continue;
      }
      // An answer such as 403 is permanent; other failures are retried by the list.
      if (error instanceof ApiError && error.status < 500 && error.status !== 429 && !isExpired(error)) {
        throw apiFault(error, query.action);
      }
      cluster.log.warn({ err: error }, 'watch of pods broke, listing again');
    }
    await pause(wait, undefined, { signal }).catch(() => undefined);
  }
}

async function watchFrom(
  { namespace }: Cluster,
  { labelSelector }: PodsQuery,
  from: string,
  pods: Map<string, Pod>,
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  const query = {
    labelSelector,
    watch: true,
    timeoutSeconds: watchTimeoutSeconds,
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
    onChange();
  }
}

function put(pods: Map<string, Pod>, object: unknown): void {
  const pod = podSchema.parse(object);
  pods.set(pod.metadata.uid, pod);
}

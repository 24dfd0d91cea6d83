import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { Gauge, Registry } from 'prom-client';
import type { Counts } from '../../../model/counts.ts';
import type { Backlog } from '../../../model/ports/orchestrator.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { processMetrics } from '../process-metrics.ts';
import { problemResponses } from '../schemas/common-schemas.ts';

/** Timeout of MongoDB and Temporal. Prometheus waits 10 s for a scrape. */
const answerTimeoutMs = 3000;

const scrape = createRoute({
  method: 'get',
  path: '/metrics',
  operationId: 'getMetrics',
  summary: 'Get metrics for Prometheus',
  description:
    'Returns metrics of tasks, cleanup failures, deliveries, builds, task queues, requests and this process, in the Prometheus text format.',
  tags: ['service'],
  responses: {
    200: { description: 'Prometheus text format 0.0.4', content: { 'text/plain': { schema: z.string() } } },
    ...problemResponses(),
  },
});

/**
 * Serves metrics, named by Prometheus' conventions: a prefix, base units, `_total` for counters
 * (prometheus.io/docs/practices/naming). Reads counts at each scrape, and omits those that cannot be read.
 */
export function metricsApi({ store, orchestrator, log }: ApiParts, requests: Registry): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(scrape, async (c) => {
    const [counts, backlogs] = await Promise.all([
      store.counts.counts(answerTimeoutMs).catch((error: unknown) => {
        log.warn({ err: error }, 'cannot read counts for metrics');
      }),
      orchestrator.backlogs(answerTimeoutMs).catch((error: unknown) => {
        log.warn({ err: error }, 'cannot read backlogs for metrics');
      }),
    ]);
    // A registry per scrape: concurrent scrapes do not share it, and no stale sample remains.
    const now = new Registry();
    addGauge(
      now,
      'brightbird_mongodb_up',
      'Whether MongoDB returned all counts of this scrape',
      withoutLabel(counts ? 1 : 0),
    );
    addGauge(
      now,
      'brightbird_temporal_up',
      'Whether Temporal responded to this scrape',
      withoutLabel(backlogs ? 1 : 0),
    );
    if (counts) addCounts(now, counts);
    if (backlogs) addBacklogs(now, backlogs);
    const all = Registry.merge([now, requests, processMetrics()]);
    return c.text(await all.metrics(), 200, { 'content-type': all.contentType });
  });
  return api;
}

function addCounts(registry: Registry, counts: Counts): void {
  addGauge(registry, 'brightbird_tasks', 'Tasks on record by state', byLabel('state', counts.tasks));
  addGauge(
    registry,
    'brightbird_tasks_ended',
    'Ended tasks on record by outcome class',
    byLabel('outcome', counts.ended),
  );
  addGauge(
    registry,
    'brightbird_cleanup_failures',
    'Objects that cleanup could not remove',
    byLabel('kind', counts.undeletedObjects),
  );
  addGauge(
    registry,
    'brightbird_tasks_with_cleanup_failures',
    'Tasks with objects that cleanup could not remove',
    withoutLabel(counts.tasksWithUndeletedObjects),
  );
  addGauge(
    registry,
    'brightbird_orphaned_objects',
    'Objects without a task that are not removed yet',
    byLabel('reason', counts.orphans),
  );
  addGauge(
    registry,
    'brightbird_deliveries',
    'Webhook deliveries that are not dispatched',
    byLabel('state', counts.deliveries),
  );
  addGauge(registry, 'brightbird_builds', 'Image builds in progress', byLabel('state', counts.builds));
}

function addBacklogs(registry: Registry, backlogs: readonly Backlog[]): void {
  const help = 'Approximate backlog of a Temporal task queue';
  const samples = backlogs.map(({ queue, type, count }) => ({ labels: { queue, type }, value: count }));
  addGauge(registry, 'brightbird_task_queue_backlog', help, { labelNames: ['queue', 'type'], samples });
}

interface Samples {
  labelNames: string[];
  samples: { labels: Record<string, string>; value: number }[];
}

/** Returns one sample without a label. */
function withoutLabel(value: number): Samples {
  return { labelNames: [], samples: [{ labels: {}, value }] };
}

/** Returns a sample per key, with the key as the value of the label. */
function byLabel(label: string, values: Record<string, number>): Samples {
  const samples = Object.entries(values).map(([key, value]) => ({ labels: { [label]: key }, value }));
  return { labelNames: [label], samples };
}

function addGauge(registry: Registry, name: string, help: string, { labelNames, samples }: Samples): void {
  const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
  for (const { labels, value } of samples) gauge.set(labels, value);
}

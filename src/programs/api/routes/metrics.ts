import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { Gauge, Registry } from 'prom-client';
import type { Counts } from '../../../model/counts.ts';
import type { Backlog } from '../../../model/ports/orchestrator.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { processMetrics } from '../process-metrics.ts';
import { problems } from '../schemas/common-schemas.ts';

/** How long MongoDB and Temporal have to answer, in milliseconds; Prometheus itself waits 10 s for a scrape. */
const answerWithin = 3000;

const scrape = createRoute({
  method: 'get',
  path: '/metrics',
  operationId: 'getMetrics',
  summary: 'Get the metrics that Prometheus scrapes',
  description:
    'Tasks, cleanup failures, deliveries, builds, task queues, requests and this process, in the text format of Prometheus.',
  tags: ['service'],
  responses: {
    200: { description: 'Prometheus text format 0.0.4', content: { 'text/plain': { schema: z.string() } } },
    ...problems(),
  },
});

/**
 * Metrics as Prometheus wants them named: a prefix, base units, `_total` for counters
 * (prometheus.io/docs/practices/naming). Counts are read at the scrape, and left out while they are not known.
 */
export function metricsApi({ store, orchestrator, log }: ApiParts, requests: Registry): Api {
  const api = new OpenAPIHono<ApiEnv>();
  api.openapi(scrape, async (c) => {
    const [counts, backlogs] = await Promise.all([
      store.counts.counts(answerWithin).catch((error: unknown) => {
        log.warn({ err: error }, 'no counts for the metrics');
      }),
      orchestrator.backlogs(answerWithin).catch((error: unknown) => {
        log.warn({ err: error }, 'no backlogs for the metrics');
      }),
    ]);
    // Made anew for each scrape, so that two at once do not meet and nothing old is told.
    const now = new Registry();
    show(now, 'brightbird_mongodb_up', 'Whether MongoDB told all counts of this scrape', alone(counts ? 1 : 0));
    show(now, 'brightbird_temporal_up', 'Whether Temporal answered this scrape', alone(backlogs ? 1 : 0));
    if (counts) showCounts(now, counts);
    if (backlogs) showBacklogs(now, backlogs);
    const all = Registry.merge([now, requests, processMetrics()]);
    return c.text(await all.metrics(), 200, { 'content-type': all.contentType });
  });
  return api;
}

function showCounts(registry: Registry, counts: Counts): void {
  show(registry, 'brightbird_tasks', 'Tasks on record by state', by('state', counts.tasks));
  show(registry, 'brightbird_tasks_ended', 'Ended tasks on record by outcome class', by('outcome', counts.ended));
  show(registry, 'brightbird_cleanup_failures', 'Objects that could not be removed', by('kind', counts.debts));
  show(registry, 'brightbird_tasks_with_cleanup_failures', 'Tasks that have such objects', alone(counts.indebtedTasks));
  show(registry, 'brightbird_orphaned_objects', 'Objects without a task, not removed', by('reason', counts.orphans));
  show(registry, 'brightbird_deliveries', 'Webhooks not dispatched', by('state', counts.deliveries));
  show(registry, 'brightbird_builds', 'Builds of images under way', by('state', counts.builds));
}

function showBacklogs(registry: Registry, backlogs: readonly Backlog[]): void {
  const help = 'What waits in a task queue of Temporal for a worker, about';
  const samples = backlogs.map(({ queue, type, count }) => ({ labels: { queue, type }, value: count }));
  show(registry, 'brightbird_task_queue_backlog', help, { labelNames: ['queue', 'type'], samples });
}

interface Samples {
  labelNames: string[];
  samples: { labels: Record<string, string>; value: number }[];
}

/** One sample without a label. */
function alone(value: number): Samples {
  return { labelNames: [], samples: [{ labels: {}, value }] };
}

/** A sample for each key, which is the label's value. */
function by(label: string, values: Record<string, number>): Samples {
  const samples = Object.entries(values).map(([key, value]) => ({ labels: { [label]: key }, value }));
  return { labelNames: [label], samples };
}

function show(registry: Registry, name: string, help: string, { labelNames, samples }: Samples): void {
  const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
  for (const { labels, value } of samples) gauge.set(labels, value);
}

import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { Histogram, type Registry } from 'prom-client';
import type { ApiEnv } from '../env.ts';

/** Seconds: from an answer of one look at MongoDB to a run by hand that no worker takes. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Counts requests and how long their answers took to begin, by route: a label has few values, never what a client makes
 * up (prometheus.io/docs/practices/naming, "Labels").
 */
export function requestMetrics(registry: Registry): MiddlewareHandler<ApiEnv> {
  const duration = new Histogram({
    name: 'brightbird_http_request_duration_seconds',
    help: 'Time until the answer of a request begins; its _count is the number of requests',
    labelNames: ['method', 'route', 'status'],
    buckets,
    registers: [registry],
  });
  return async (c, next) => {
    const end = duration.startTimer();
    await next();
    // The last route that fits is the handler's; of middleware alone, nothing is at the path.
    const route = routePath(c, -1);
    end({ method: c.req.method, route: route.endsWith('*') ? 'none' : route, status: String(c.res.status) });
  };
}

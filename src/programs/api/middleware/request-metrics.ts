import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { Histogram, type Registry } from 'prom-client';
import type { ApiEnv } from '../env.ts';

/** Up to the timeout of a manual run without workers. */
const bucketSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Measures the time to the start of the response by route. Labels have few values, never client input
 * (prometheus.io/docs/practices/naming, "Labels").
 */
export function requestMetrics(registry: Registry): MiddlewareHandler<ApiEnv> {
  const duration = new Histogram({
    name: 'brightbird_http_request_duration_seconds',
    help: 'Time until the response begins, in seconds; _count is the number of requests',
    labelNames: ['method', 'route', 'status'],
    buckets: bucketSeconds,
    registers: [registry],
  });
  return async (c, next) => {
    const end = duration.startTimer();
    await next();
    // The last matching route is the handler's; middleware alone means an unknown path.
    const route = routePath(c, -1);
    end({ method: c.req.method, route: route.endsWith('*') ? 'none' : route, status: String(c.res.status) });
  };
}

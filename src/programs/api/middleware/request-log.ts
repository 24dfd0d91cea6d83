import type { MiddlewareHandler } from 'hono';
import type { Logger } from 'pino';
import type { ApiEnv } from '../env.ts';

/** One line a request: no headers, no query, no bodies, so no secrets. */
export function requestLog(log: Logger): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const begun = performance.now();
    await next();
    const { method, path } = c.req;
    const ms = Math.round(performance.now() - begun);
    const fields = { requestId: c.get('requestId'), method, path, status: c.res.status, ms };
    // Probes ask every few seconds.
    if (path === '/healthz' || path === '/readyz' || path === '/metrics') log.debug(fields, 'request');
    else log.info(fields, 'request');
  };
}

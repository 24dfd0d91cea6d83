import type { MiddlewareHandler } from 'hono';
import type { Logger } from 'pino';
import type { ApiEnv } from '../env.ts';

/** Logs one line per request: no headers, query or body, thus no secrets. */
export function requestLog(log: Logger): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const startedAt = performance.now();
    await next();
    const { method, path } = c.req;
    const durationMs = Math.round(performance.now() - startedAt);
    const fields = { requestId: c.get('requestId'), method, path, status: c.res.status, durationMs };
    // Probes send these every few seconds.
    if (path === '/healthz' || path === '/readyz' || path === '/metrics') log.debug(fields, 'request');
    else log.info(fields, 'request');
  };
}

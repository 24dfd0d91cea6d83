import type { MiddlewareHandler } from 'hono';
import { Fault } from '../../../model/fault.ts';
import type { ApiEnv } from '../env.ts';

/** Rejects a request with `too_many_requests` while `max` others of its kind are in progress in this process. */
export function limitInFlight(max: number): MiddlewareHandler<ApiEnv> {
  let inFlight = 0;
  return async (_c, next) => {
    if (inFlight >= max) {
      throw new Fault('too_many_requests', `${max} requests of this kind are already in progress`, {
        hint: 'retry later',
      });
    }
    inFlight += 1;
    try {
      await next();
    } finally {
      inFlight -= 1;
    }
  };
}

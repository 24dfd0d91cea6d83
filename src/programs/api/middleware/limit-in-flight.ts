import type { MiddlewareHandler } from 'hono';
import { Fault } from '../../../model/fault.ts';
import type { ApiEnv } from '../env.ts';

/** Refuses a request with `too_many_requests` while `max` others of its kind are under way in this process. */
export function limitInFlight(max: number): MiddlewareHandler<ApiEnv> {
  let inFlight = 0;
  return async (_c, next) => {
    if (inFlight >= max) {
      throw new Fault('too_many_requests', `${max} requests of this kind are under way`, {
        hint: 'send it again later',
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

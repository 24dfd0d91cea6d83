import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { Fault } from '../../../model/fault.ts';
import type { ApiEnv } from '../env.ts';
import { brokenOff } from './client-gone.ts';

/**
 * Refuses a body over so many MB, whether its length is said or not. One without a length is read here: throws
 * `invalid_request` when its client leaves before it is complete.
 */
export function limitBody(megabytes: number): MiddlewareHandler<ApiEnv> {
  const limit = bodyLimit({
    maxSize: megabytes * 1024 * 1024,
    onError() {
      throw new Fault('too_large', `the body is over ${megabytes} MB`);
    },
  });
  return async (c, next) => {
    let isRead = false;
    try {
      return await limit(c, () => {
        isRead = true;
        return next();
      });
    } catch (error) {
      throw isRead || error instanceof Fault ? error : brokenOff(error);
    }
  };
}

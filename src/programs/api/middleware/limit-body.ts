import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { Fault } from '../../../model/fault.ts';
import type { ApiEnv } from '../env.ts';
import { incompleteBody } from './client-gone.ts';

/**
 * Rejects a body over so many MB with `too_large`, with or without a Content-Length. Reads a body without a length: throws
 * `invalid_request` when it is incomplete.
 */
export function limitBody(megabytes: number): MiddlewareHandler<ApiEnv> {
  const limit = bodyLimit({
    maxSize: megabytes * 1024 * 1024,
    onError() {
      throw new Fault('too_large', `the body exceeds the limit of ${megabytes} MB`);
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
      throw isRead || error instanceof Fault ? error : incompleteBody(error);
    }
  };
}

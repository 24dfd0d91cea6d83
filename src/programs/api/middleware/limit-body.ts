import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { Fault } from '../../../model/fault.ts';
import type { ApiEnv } from '../env.ts';

/** Refuses a body over so many MB, whether its length is said or not. */
export function limitBody(megabytes: number): MiddlewareHandler<ApiEnv> {
  return bodyLimit({
    maxSize: megabytes * 1024 * 1024,
    onError() {
      throw new Fault('too_large', `the body is over ${megabytes} MB`);
    },
  });
}

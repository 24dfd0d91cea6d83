import type { MiddlewareHandler } from 'hono';
import type { z } from 'zod';
import type { ApiEnv } from '../env.ts';

/** Describes an optional JSON body, of which all members are optional. */
export function optionalJson<T extends z.ZodType>(schema: T) {
  return { required: false, description: 'Optional.', content: { 'application/json': { schema } } };
}

/**
 * Treats a missing body as an empty object, also with a JSON content type, which clients without a token must send. Runs
 * before the validators, on the routes of `optionalJson`.
 */
export const emptyBody: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const text = await c.req.text();
  if (text.trim() === '') Object.assign(c.req.bodyCache, { text: Promise.resolve('{}') });
  await next();
};

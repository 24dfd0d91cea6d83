import type { MiddlewareHandler } from 'hono';
import type { z } from 'zod';
import type { ApiEnv } from '../env.ts';

/** The JSON body of a request that may do without: all of its members are optional. */
export function optionalJson<T extends z.ZodType>(schema: T) {
  return { required: false, description: 'May be left out.', content: { 'application/json': { schema } } };
}

/**
 * Takes no body for an empty object where JSON is declared too, as clients without a token must. Comes before the validators,
 * on the routes of `optionalJson`.
 */
export const emptyBody: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const text = await c.req.text();
  if (text.trim() === '') Object.assign(c.req.bodyCache, { text: Promise.resolve('{}') });
  await next();
};

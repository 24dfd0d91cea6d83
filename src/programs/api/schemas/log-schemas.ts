import { z } from '@hono/zod-openapi';
import { logItemSchema } from './task-schemas.ts';

/** Most items of one event of a live log. */
export const eventLimit = 1000;

export const logQuery = z.strictObject({
  after: z.string().min(1).max(100_000).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

/** Headers by which a log is asked for live, and from a place on. */
export const logRequest = z.object({
  accept: z.string().optional(),
  'last-event-id': z.string().max(100_000).optional(),
});

const pageSchema = z
  .object({ items: z.array(logItemSchema), nextCursor: z.string(), ended: z.boolean() })
  .openapi('LogPage');
export const logPage = {
  description: 'A page, or the live stream',
  content: { 'application/json': { schema: pageSchema }, 'text/event-stream': { schema: z.string() } },
};

import { z } from '@hono/zod-openapi';
import { logItemSchema } from './task-schemas.ts';

/** Maximum number of items in one event of a live log. */
export const maxEventItems = 1000;

export const logQuery = z.strictObject({
  after: z.string().min(1).max(100_000).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

/** Headers that request a live log and its start. */
export const logRequest = z.object({
  accept: z.string().optional(),
  'last-event-id': z.string().max(100_000).optional(),
});

const pageSchema = z
  .object({ items: z.array(logItemSchema), nextCursor: z.string(), ended: z.boolean() })
  .openapi('LogPage');
export const logPage = {
  description: 'A page of the log, or the live stream',
  content: { 'application/json': { schema: pageSchema }, 'text/event-stream': { schema: z.string() } },
};

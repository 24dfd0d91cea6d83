import { z } from '@hono/zod-openapi';
import { type FaultCode, faultCatalogue } from '../../../model/fault.ts';
import { waitingReasons } from '../../../model/waiting.ts';

/** An answer's times: ISO 8601 in UTC. */
export const time = z.iso.datetime();

const place = {
  file: z.string().optional(),
  line: z.number().int().optional(),
  column: z.number().int().optional(),
  path: z.string().optional(),
  step: z.string().optional(),
};
const code = z.enum(Object.keys(faultCatalogue) as [FaultCode, ...FaultCode[]]);

export const faultSchema = z.object({
  code,
  message: z.string(),
  where: z.object(place).optional(),
  hint: z.string().optional(),
});

export const waitingSchema = z
  .object({
    reason: z.enum(waitingReasons),
    message: z.string(),
    since: z.string(),
    source: z.string().optional().openapi({ description: '`runner`, or the component that waits' }),
  })
  .openapi('Waiting');

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string(),
    code,
    where: z.object(place).optional(),
    hint: z.string().optional(),
    errors: z.array(z.object({ message: z.string(), ...place, hint: z.string().optional() })).optional(),
    requestId: z.string(),
  })
  .openapi('Problem');

/** What every route may answer instead. */
export const problems = {
  '4XX': { description: 'RFC 9457', content: { 'application/problem+json': { schema: problemSchema } } },
  '5XX': { description: 'RFC 9457', content: { 'application/problem+json': { schema: problemSchema } } },
} as const;

export function json<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** With it, a repeated request gets the first one's answer. */
export const keyHeader = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, '1 to 200 visible ASCII characters')
    .optional(),
});

export const idParam = z.object({ id: z.string().min(1).max(200) });

export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(1000).optional(),
});

export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().optional() });
}

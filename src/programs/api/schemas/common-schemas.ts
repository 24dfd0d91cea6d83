import { z } from '@hono/zod-openapi';
import { type FaultCode, faultCatalogue } from '../../../model/fault.ts';
import { faultHelp } from '../../../model/fault-help.ts';
import { waitingReasons } from '../../../model/waiting.ts';
import { problemTitle, problemType } from '../middleware/problem.ts';

/** Timestamp in a response: ISO 8601 in UTC. */
export const timestampSchema = z.iso.datetime();

const placeFields = {
  file: z.string().optional(),
  line: z.number().int().optional(),
  column: z.number().int().optional(),
  path: z.string().optional(),
  step: z.string().optional(),
};
const placeSchema = z.object(placeFields).openapi('Place');
const code = z.enum(Object.keys(faultCatalogue) as [FaultCode, ...FaultCode[]]).openapi('ErrorCode');

export const faultSchema = z
  .object({
    code,
    message: z.string(),
    where: placeSchema.optional(),
    hint: z.string().optional(),
  })
  .openapi('Fault');

export const waitingSchema = z
  .object({
    reason: z.enum(waitingReasons),
    message: z.string(),
    since: z.string(),
    source: z.string().optional(),
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
    where: placeSchema.optional(),
    hint: z.string().optional(),
    errors: z
      .array(z.object({ message: z.string(), ...placeFields, hint: z.string().optional() }).openapi('ValidationError'))
      .optional(),
    requestId: z.string(),
  })
  .openapi('Problem');

type ProblemResponses<C extends FaultCode> = {
  [K in C as (typeof faultCatalogue)[K]['status']]: {
    description: string;
    content: { 'application/problem+json': { schema: typeof problemSchema; example: object } };
  };
};

/** Error codes of every route behind the token. */
const commonCodes = ['unauthenticated', 'forbidden', 'internal', 'unavailable'] as const;

/** Error codes of a request with a body. */
export const bodyCodes = ['invalid_request', 'too_large', 'unsupported_media_type'] as const;

/** Returns the error responses of a route behind the token: the given codes and the common ones. */
export function problemResponses<C extends FaultCode>(...codes: C[]) {
  return publicProblemResponses<C | (typeof commonCodes)[number]>(...codes, ...commonCodes);
}

/** Returns the responses of error codes by HTTP status, each with an example (RFC 9457). */
export function publicProblemResponses<C extends FaultCode>(...codes: C[]): ProblemResponses<C> {
  const byStatus = Map.groupBy(codes, (code) => faultCatalogue[code].status);
  const responses = [...byStatus].map(([status, [code, ...others]]) => {
    const media = { schema: problemSchema, example: code && problemExample(code) };
    const description = [code, ...others].map((one) => one && `\`${one}\`: ${faultHelp[one].meaning}`).join('\n\n');
    return [status, { description, content: { 'application/problem+json': media } }];
  });
  return Object.fromEntries(responses);
}

function problemExample(code: FaultCode): object {
  return {
    type: problemType(code),
    title: problemTitle(code),
    status: faultCatalogue[code].status,
    detail: faultHelp[code].meaning,
    instance: '/api/v1/jobs/nightly',
    code,
    requestId: '6f0f3a1e-52a5-4f0e-9a3c-1d1c5f9b7a51',
  };
}

/** Clones a schema under a name of the OpenAPI document; schemas created before the library was loaded cannot be named. */
export function nameSchema<T extends z.ZodType>(schema: T, name: string): T {
  return schema.clone().openapi(name);
}

export function jsonResponse<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** A repeated request with the same key gets the first response. */
export const keyHeader = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters')
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

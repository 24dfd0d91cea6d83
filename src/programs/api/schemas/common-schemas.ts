import { z } from '@hono/zod-openapi';
import { type FaultCode, faultCatalogue } from '../../../model/fault.ts';
import { faultHelp } from '../../../model/fault-help.ts';
import { waitingReasons } from '../../../model/waiting.ts';
import { problemTitle, problemType } from '../middleware/problem.ts';

/** An answer's times: ISO 8601 in UTC. */
export const time = z.iso.datetime();

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

/** The codes of every request that needs the token. */
const everywhere = ['unauthenticated', 'forbidden', 'internal', 'unavailable'] as const;

/** The codes of a request whose body is read. */
export const badBody = ['invalid_request', 'too_large', 'unsupported_media_type'] as const;

/** The errors that a route behind the token may answer: those given, and those of all such routes. */
export function problems<C extends FaultCode>(...codes: C[]) {
  return problemsOf<C | (typeof everywhere)[number]>(...codes, ...everywhere);
}

/** The responses of these codes by their HTTP status, each with an example (RFC 9457). */
export function problemsOf<C extends FaultCode>(...codes: C[]): ProblemResponses<C> {
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

/** Gives a schema of the model its name in the document; a copy, as one that was made before this library was loaded cannot have one. */
export function named<T extends z.ZodType>(schema: T, name: string): T {
  return schema.clone().openapi(name);
}

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

import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type Fault, faultCatalogue } from '../../../model/fault.ts';
import type { ApiEnv } from '../env.ts';

/** Seconds after which a request that got 503 or 429 may be sent again. */
const retryAfter = 5;

/** A fault as problem+json (RFC 9457), with the place of every mistake. */
export function problem(c: Context<ApiEnv>, fault: Fault): Response {
  const { code, where, hint, mistakes } = fault;
  const status = faultCatalogue[code].status as ContentfulStatusCode;
  const body = {
    type: `urn:brightbird:problem:${code}`,
    title: code.replaceAll('_', ' '),
    status,
    detail: fault.message,
    instance: c.req.path,
    code,
    where,
    hint,
    errors:
      mistakes.length > 0
        ? mistakes.map((mistake) => ({ message: mistake.message, ...mistake.where, hint: mistake.hint }))
        : undefined,
    requestId: c.get('requestId'),
  };
  if (status === 401) c.header('WWW-Authenticate', 'Bearer realm="brightbird"');
  if (status === 503 || status === 429) c.header('Retry-After', String(retryAfter));
  return c.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' });
}

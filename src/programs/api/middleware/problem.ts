import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type Fault, type FaultCode, faultCatalogue } from '../../../model/fault.ts';
import type { ApiEnv } from '../env.ts';

/** Seconds after which a request that got 503 or 429 may be sent again. */
const retryAfter = 5;

/** Returns the URL, relative to this server, of the page that explains a code (RFC 9457, 3.1.1). */
export const problemType = (code: FaultCode): string => `/docs/errors#${code}`;

/** Returns a code as words: the same for each problem of its type (RFC 9457, 3.1.3). */
export const problemTitle = (code: FaultCode): string => code.replaceAll('_', ' ');

/** A fault as problem+json (RFC 9457), with the place of every mistake. */
export function problem(c: Context<ApiEnv>, fault: Fault): Response {
  const { code, where, hint, mistakes } = fault;
  const status = faultCatalogue[code].status as ContentfulStatusCode;
  const body = {
    type: problemType(code),
    title: problemTitle(code),
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

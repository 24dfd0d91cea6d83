import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type Fault, type FaultCode, faultCatalogue } from '../../../model/fault.ts';
import type { ApiEnv } from '../env.ts';

/** Retry-After of 503 and 429. */
const retryAfterSeconds = 5;

/** Returns the URL, relative to this server, of the page that explains a code (RFC 9457, 3.1.1). */
export const problemType = (code: FaultCode): string => `/docs/errors#${code}`;

/** Returns the title of a code, the same for each problem of its type (RFC 9457, 3.1.3). */
export const problemTitle = (code: FaultCode): string => code.replaceAll('_', ' ');

/** Creates the problem+json response of a Fault (RFC 9457), with the place of every issue. */
export function problem(c: Context<ApiEnv>, fault: Fault): Response {
  const { code, where, hint, issues } = fault;
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
      issues.length > 0
        ? issues.map((issue) => ({ message: issue.message, ...issue.where, hint: issue.hint }))
        : undefined,
    requestId: c.get('requestId'),
  };
  if (status === 401) c.header('WWW-Authenticate', 'Bearer realm="brightbird"');
  if (status === 503 || status === 429) c.header('Retry-After', String(retryAfterSeconds));
  return c.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' });
}

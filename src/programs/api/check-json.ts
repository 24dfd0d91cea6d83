import type { MiddlewareHandler } from 'hono';
import { Fault } from '../../model/fault.ts';
import { findTextProblem, type TextProblem, tooManyValues } from '../../model/plain-text.ts';
import type { ApiEnv } from './env.ts';
import { hasMoreValues } from './has-more-values.ts';

/** Far more than any real request has; validators need seconds for 60,000. */
const maxValues = 20_000;

/**
 * Rejects a JSON body with too many values, or with content that would be stored differently: NUL, lone surrogates, and the
 * key `__proto__`, which validators drop. Throws `invalid_request` with the path. Runs before the validators.
 */
export const checkJson: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (/\bjson\b/i.test(c.req.header('content-type') ?? '')) {
    // The validators report invalid and incomplete JSON.
    const text = await c.req.text().catch(() => '');
    if (hasMoreValues(text, maxValues)) throw refused({ path: '', message: tooManyValues(maxValues) });
    const body: unknown = await c.req.json().catch(() => undefined);
    const problem = findTextProblem(body, maxValues);
    if (problem) throw refused(problem);
  }
  await next();
};

function refused({ path, message }: TextProblem): Fault {
  const where = { path };
  return new Fault('invalid_request', path === '' ? message : `${path}: ${message}`, {
    where,
    issues: [{ message, where }],
  });
}

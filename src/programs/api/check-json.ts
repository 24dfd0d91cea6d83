import type { MiddlewareHandler } from 'hono';
import { Fault } from '../../model/fault.ts';
import { findTextProblem, type TextProblem, tooManyValues } from '../../model/plain-text.ts';
import type { ApiEnv } from './env.ts';
import { hasMoreValues } from './has-more-values.ts';

/** Far more than any request has; validators take seconds for 60,000 of them. */
const maxValues = 20_000;

/**
 * Refuses a JSON body with too many values, and one with what would not be kept as it was sent: NUL, lone surrogates, and
 * the key `__proto__`, which validators drop. Throws `invalid_request` with the path. Comes before the validators.
 */
export const checkJson: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (/\bjson\b/i.test(c.req.header('content-type') ?? '')) {
    // What is no JSON, or broke off, is told by the validators.
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
    mistakes: [{ message, where }],
  });
}

import type { ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Logger } from 'pino';
import { Fault } from '../../../model/fault.ts';
import type { ApiEnv } from '../env.ts';
import { brokenOff, isClientGone } from './client-gone.ts';
import { malformedJson } from './malformed-json.ts';
import { problem } from './problem.ts';

/** Answers every error with problem+json. What nobody foresaw is logged, and the client gets the request's id alone. */
export function onError(log: Logger): ErrorHandler<ApiEnv> {
  return async (error, c) => {
    const requestId = c.get('requestId');
    if (error instanceof Fault) {
      if (error.code === 'unavailable' && error.cause !== undefined)
        log.error({ requestId, err: error }, error.message);
      return problem(c, error);
    }
    if (isClientGone(c.req.raw, error)) return problem(c, brokenOff(error));
    if (error instanceof HTTPException && error.status === 400) {
      const text = await c.req.text().catch(() => undefined);
      return problem(c, text === undefined ? brokenOff(error) : malformedJson(text, error));
    }
    if (error instanceof HTTPException && error.status === 415) return problem(c, notJson());
    log.error({ requestId, err: error }, 'a request failed unexpectedly');
    const hint = `the server's log says more under the request id ${requestId}`;
    return problem(c, new Fault('internal', 'something went wrong that nobody foresaw', { hint, cause: error }));
  };
}

/** A body that is not declared as JSON. */
export function notJson(): Fault {
  return new Fault('unsupported_media_type', 'the body must be JSON', { hint: 'send content-type: application/json' });
}

import type { ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Logger } from 'pino';
import { Fault } from '../../../model/fault.ts';
import type { ApiEnv } from '../env.ts';
import { incompleteBody, isClientGone } from './client-gone.ts';
import { malformedJson } from './malformed-json.ts';
import { problem } from './problem.ts';

/** Responds to every error with problem+json. Logs unexpected errors; the client gets only the request id. */
export function onError(log: Logger): ErrorHandler<ApiEnv> {
  return async (error, c) => {
    const requestId = c.get('requestId');
    if (error instanceof Fault) {
      if (error.code === 'unavailable' && error.cause !== undefined)
        log.error({ requestId, err: error }, error.message);
      return problem(c, error);
    }
    if (isClientGone(c.req.raw, error)) return problem(c, incompleteBody(error));
    if (error instanceof HTTPException && error.status === 400) {
      const text = await c.req.text().catch(() => undefined);
      return problem(c, text === undefined ? incompleteBody(error) : malformedJson(text, error));
    }
    if (error instanceof HTTPException && error.status === 415) return problem(c, notJson());
    log.error({ requestId, err: error }, 'internal error');
    const hint = `see request id ${requestId} in the server's log`;
    return problem(c, new Fault('internal', 'internal error', { hint, cause: error }));
  };
}

/** Returns the Fault of a body without a JSON content type. */
export function notJson(): Fault {
  return new Fault('unsupported_media_type', 'the body must be JSON', { hint: 'send content-type: application/json' });
}

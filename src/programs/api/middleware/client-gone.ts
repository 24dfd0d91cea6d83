import { Fault } from '../../../model/fault.ts';

/** True when the client closed its connection while its body was read: nobody waits for an answer, and nothing is wrong. */
export function isClientGone(request: Request, error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // What @hono/node-server rejects a read with: the error of the socket, or one of its own.
  const isSocket = 'code' in error && error.code === 'ECONNRESET';
  return isSocket || (request.signal.aborted && /prematurely closed|aborted/i.test(error.message));
}

/** The answer to a body that broke off, for logs and metrics. */
export function brokenOff(cause: unknown): Fault {
  return new Fault('invalid_request', 'the body broke off', { cause });
}

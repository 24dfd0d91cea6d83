import { Fault } from '../../../model/fault.ts';

/** Returns true when the client closed its connection while its body was read, which is not an error of the server. */
export function isClientGone(request: Request, error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // @hono/node-server rejects a read with the socket's error or its own.
  const isSocket = 'code' in error && error.code === 'ECONNRESET';
  return isSocket || (request.signal.aborted && /prematurely closed|aborted/i.test(error.message));
}

/** Returns the Fault of an incomplete body, for logs and metrics. */
export function incompleteBody(cause: unknown): Fault {
  return new Fault('invalid_request', 'incomplete body', { cause });
}

import { Fault } from '../../model/fault.ts';

/** Returns the HTTP status of the engine's answer, or undefined when it did not answer. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

/** Tells whether the object does not exist or is being removed: its log and start are then refused with a 409. */
export const isGone = (error: unknown): boolean =>
  statusOf(error) === 404 || (statusOf(error) === 409 && /marked for removal/.test(messageOf(error)));
export const isConflict = (error: unknown): boolean => statusOf(error) === 409;
/** Tells whether a container to start already runs, or one to stop has already ended. */
export const isNotModified = (error: unknown): boolean => statusOf(error) === 304;

/** Codes of connection errors that may be temporary. */
const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EACCES',
]);

/** Tells whether the engine did not answer, or its connection broke. */
export function isUnreachable(error: unknown): boolean {
  return statusOf(error) === undefined && connectionCodes.has(codeOf(error));
}

/** Returns the engine's own error message. */
export function messageOf(error: unknown): string {
  const { json, message } = error as { json?: { message?: unknown }; message?: unknown };
  return String(json?.message ?? message ?? error).trim();
}

/** Converts a failing or silent engine to `engine_unavailable`, and a refusal to `internal`; keeps other errors. */
export function engineFault(error: unknown, action: string): unknown {
  const status = statusOf(error);
  if (status !== undefined) {
    const code = status >= 500 ? 'engine_unavailable' : 'internal';
    return new Fault(code, `${action}: the Docker engine answered ${status}: ${messageOf(error)}`, { cause: error });
  }
  if (!isUnreachable(error)) return error;
  return new Fault('engine_unavailable', `${action}: the Docker engine does not answer (${codeOf(error)})`, {
    hint: 'check that it runs, that DOCKER_HOST is right, and that this user has access to its socket',
    cause: error,
  });
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code ?? '');
}

import { Fault } from '../../model/fault.ts';

/** HTTP status of an answer of the engine, or undefined when it did not answer. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

/** It does not exist, or is being removed: its log and its start are then refused with a 409. */
export const isGone = (error: unknown): boolean =>
  statusOf(error) === 404 || (statusOf(error) === 409 && /marked for removal/.test(answerOf(error)));
export const isConflict = (error: unknown): boolean => statusOf(error) === 409;
/** The engine's answer to starting what runs, and to stopping what has ended. */
export const isUnchanged = (error: unknown): boolean => statusOf(error) === 304;

/** Errors of a connection that a later try may not have. */
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

/** The engine did not answer, or its connection broke in the middle. */
export function isUnreachable(error: unknown): boolean {
  return statusOf(error) === undefined && connectionCodes.has(codeOf(error));
}

/** What the engine says is wrong, in its own words. */
export function answerOf(error: unknown): string {
  const { json, message } = error as { json?: { message?: unknown }; message?: unknown };
  return String(json?.message ?? message ?? error).trim();
}

/** An engine that fails or does not answer becomes `engine_unavailable`, one that refuses `internal`; other errors stay. */
export function engineFault(error: unknown, doing: string): unknown {
  const status = statusOf(error);
  if (status !== undefined) {
    const code = status >= 500 ? 'engine_unavailable' : 'internal';
    return new Fault(code, `${doing}: the Docker engine answered ${status}: ${answerOf(error)}`, { cause: error });
  }
  if (!isUnreachable(error)) return error;
  return new Fault('engine_unavailable', `${doing}: the Docker engine does not answer (${codeOf(error)})`, {
    hint: 'see that it runs, that DOCKER_HOST is right, and that this user may use its socket',
    cause: error,
  });
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code ?? '');
}

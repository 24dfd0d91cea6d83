import { Fault, type FaultCode } from '../../model/fault.ts';
import { refusalOf } from './refusals.ts';

/** An answer of the API server that is not the wanted one: a `Status` (Kubernetes, meta/v1). */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  /** A word for programs, such as `AlreadyExists`. */
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

const statusOf = (error: unknown): number | undefined => (error instanceof ApiError ? error.status : undefined);

export const isGone = (error: unknown): boolean => statusOf(error) === 404;
export const isConflict = (error: unknown): boolean => statusOf(error) === 409;
/** A watch whose place the server has forgotten. */
export const isExpired = (error: unknown): boolean => statusOf(error) === 410;

/** The API server did not answer, answered that it cannot now, or its connection broke in the middle. */
export function isUnreachable(error: unknown): boolean {
  const status = statusOf(error);
  if (status !== undefined) return status === 429 || status >= 500;
  return connectionCode(error) !== undefined;
}

/** What broke a connection; undefined of an error that is none of a connection. Its cause may come from Node's own realm. */
function connectionCode(error: unknown): string | undefined {
  for (let at = error; typeof at === 'object' && at !== null; at = (at as Error).cause) {
    const { code, name } = at as { code?: unknown; name?: unknown };
    if (/^(E[A-Z_]+|UND_ERR_\w+)$/.test(String(code)) && code !== 'UND_ERR_INVALID_ARG') return String(code);
    if (name === 'TimeoutError') return 'no answer in time';
  }
  return undefined;
}

/** Answers of the API server as faults; what is not one of its errors stays. */
export function apiFault(error: unknown, doing: string): unknown {
  if (error instanceof ApiError) {
    const [code, hint] = meaningOf(error);
    const said = `${doing}: the API server answered ${error.status}: ${error.message}`;
    return new Fault(code, said, { ...(hint && { hint }), cause: error });
  }
  const code = connectionCode(error);
  if (code === undefined) return error;
  return new Fault('engine_unavailable', `${doing}: the API server does not answer (${code})`, {
    hint: 'see that the cluster runs and that KUBECONFIG is right',
    cause: error,
  });
}

function meaningOf({ status, reason, message }: ApiError): [FaultCode, string?] {
  const refusal = status === 403 ? refusalOf(message) : undefined;
  if (refusal) return [refusal.code, refusal.hint];
  if (status === 401 || status === 403) {
    return ['forbidden', 'give the user of KUBECONFIG the rights of the role in deploy/kubernetes'];
  }
  const [, namespace] = (status === 404 && /^namespaces "([^"]+)"/.exec(message)) || [];
  if (namespace !== undefined) {
    return ['invalid_request', `kubectl create namespace ${namespace}, or set NAMESPACE to one that exists`];
  }
  if (status === 400 || status === 422 || status === 413 || reason === 'Invalid') {
    return ['template_invalid', 'change the template so that the cluster takes it'];
  }
  return status === 429 || status >= 500 ? ['engine_unavailable'] : ['internal'];
}

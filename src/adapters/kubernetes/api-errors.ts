import { Fault, type FaultCode } from '../../model/fault.ts';
import { refusalOf } from './refusals.ts';

/** Error answer of the API server: a `Status` (Kubernetes, meta/v1). */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  /** Machine-readable reason, such as `AlreadyExists`. */
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
/** Tells whether the resource version of a watch is too old for the server. */
export const isExpired = (error: unknown): boolean => statusOf(error) === 410;

/** Tells whether the API server did not answer, is overloaded or failed, or its connection broke. */
export function isUnreachable(error: unknown): boolean {
  const status = statusOf(error);
  if (status !== undefined) return status === 429 || status >= 500;
  return connectionCode(error) !== undefined;
}

/** Returns the code of a connection error, or undefined for other errors. Its cause may come from Node's own realm. */
function connectionCode(error: unknown): string | undefined {
  for (let at = error; typeof at === 'object' && at !== null; at = (at as Error).cause) {
    const { code, name } = at as { code?: unknown; name?: unknown };
    if (/^(E[A-Z_]+|UND_ERR_\w+)$/.test(String(code)) && code !== 'UND_ERR_INVALID_ARG') return String(code);
    if (name === 'TimeoutError') return 'no answer in time';
  }
  return undefined;
}

/** Converts errors of the API server and its connection to faults with the action; keeps other errors. */
export function apiFault(error: unknown, action: string): unknown {
  if (error instanceof ApiError) {
    const [code, hint] = classify(error);
    const message = `${action}: the API server answered ${error.status}: ${error.message}`;
    return new Fault(code, message, { hint, cause: error });
  }
  const code = connectionCode(error);
  if (code === undefined) return error;
  return new Fault('engine_unavailable', `${action}: the API server does not answer (${code})`, {
    hint: 'check that the cluster runs and that KUBECONFIG is right',
    cause: error,
  });
}

function classify({ status, reason, message }: ApiError): [FaultCode, string?] {
  const refusal = status === 403 ? refusalOf(message) : undefined;
  if (refusal) return [refusal.code, refusal.hint];
  if (status === 401 || status === 403) {
    return ['forbidden', 'grant the user of KUBECONFIG the permissions of the role in deploy/kubernetes'];
  }
  const [, namespace] = (status === 404 && /^namespaces "([^"]+)"/.exec(message)) || [];
  if (namespace !== undefined) {
    return ['invalid_request', `kubectl create namespace ${namespace}, or set NAMESPACE to one that exists`];
  }
  if (status === 400 || status === 422 || status === 413 || reason === 'Invalid') {
    return ['template_invalid', 'change the template so that the cluster accepts it'];
  }
  return status === 429 || status >= 500 ? ['engine_unavailable'] : ['internal'];
}

import type { Outcome } from './outcome.ts';
import { printable } from './plain-text.ts';

/**
 * All error codes, each with its HTTP status, the outcome of a task that ends with it, and whether a retry may help. The
 * API and the workflows map errors only by this table. A code is never renamed or removed: histories, records and markers of
 * running runners carry it, and a replay looks it up here.
 */
export const faultCatalogue = {
  invalid_request: { status: 400, outcome: 'configuration', retryable: false },
  unauthenticated: { status: 401, outcome: 'configuration', retryable: false },
  forbidden: { status: 403, outcome: 'configuration', retryable: false },
  not_found: { status: 404, outcome: 'configuration', retryable: false },
  method_not_allowed: { status: 405, outcome: 'configuration', retryable: false },
  request_timeout: { status: 408, outcome: 'configuration', retryable: false },
  gone: { status: 410, outcome: 'configuration', retryable: false },
  conflict: { status: 409, outcome: 'configuration', retryable: false },
  too_large: { status: 413, outcome: 'configuration', retryable: false },
  too_many_requests: { status: 429, outcome: 'infrastructure', retryable: true },
  unsupported_media_type: { status: 415, outcome: 'configuration', retryable: false },
  flow_invalid: { status: 422, outcome: 'configuration', retryable: false },
  plugin_invalid: { status: 422, outcome: 'configuration', retryable: false },
  template_invalid: { status: 422, outcome: 'configuration', retryable: false },
  input_invalid: { status: 422, outcome: 'configuration', retryable: false },
  repository_refused: { status: 422, outcome: 'configuration', retryable: false },
  repository_not_found: { status: 422, outcome: 'configuration', retryable: false },
  ref_invalid: { status: 422, outcome: 'configuration', retryable: false },
  ref_not_found: { status: 422, outcome: 'configuration', retryable: false },
  image_missing: { status: 422, outcome: 'configuration', retryable: false },
  registry_denied: { status: 422, outcome: 'configuration', retryable: false },
  secret_invalid: { status: 422, outcome: 'configuration', retryable: false },
  database_denied: { status: 422, outcome: 'configuration', retryable: false },
  port_not_served: { status: 422, outcome: 'configuration', retryable: false },
  repository_unavailable: { status: 502, outcome: 'infrastructure', retryable: true },
  registry_refused: { status: 502, outcome: 'infrastructure', retryable: true },
  build_failed: { status: 500, outcome: 'build', retryable: false },
  step_failed: { status: 500, outcome: 'test', retryable: false },
  component_not_ready: { status: 500, outcome: 'test', retryable: false },
  step_timeout: { status: 500, outcome: 'timeout', retryable: false },
  run_timeout: { status: 500, outcome: 'timeout', retryable: false },
  stopped: { status: 500, outcome: 'stopped', retryable: false },
  container_config: { status: 422, outcome: 'configuration', retryable: false },
  unschedulable: { status: 500, outcome: 'infrastructure', retryable: false },
  not_started: { status: 500, outcome: 'infrastructure', retryable: false },
  quota_exceeded: { status: 500, outcome: 'infrastructure', retryable: false },
  evicted: { status: 500, outcome: 'infrastructure', retryable: true },
  node_lost: { status: 500, outcome: 'infrastructure', retryable: true },
  runner_crashed: { status: 500, outcome: 'infrastructure', retryable: false },
  out_of_memory: { status: 500, outcome: 'infrastructure', retryable: false },
  component_lost: { status: 500, outcome: 'infrastructure', retryable: true },
  runner_vanished: { status: 500, outcome: 'infrastructure', retryable: true },
  engine_unavailable: { status: 503, outcome: 'infrastructure', retryable: true },
  /** The engine stayed unavailable longer than a task waits for it. */
  engine_timeout: { status: 503, outcome: 'infrastructure', retryable: false },
  database_unavailable: { status: 503, outcome: 'infrastructure', retryable: true },
  unavailable: { status: 503, outcome: 'infrastructure', retryable: true },
  internal: { status: 500, outcome: 'infrastructure', retryable: false },
} as const satisfies Record<string, { status: number; outcome: Outcome; retryable: boolean }>;

export type FaultCode = keyof typeof faultCatalogue;

/** Location of an issue: line and column of a text, a JSON path, the name of a step or a plugin. */
export interface Place {
  file?: string;
  line?: number;
  column?: number;
  path?: string;
  step?: string;
}

/** A fault as data, in the record of a task, a step marker or an API response. */
export interface FaultReport {
  code: FaultCode;
  message: string;
  where?: Place;
  hint?: string;
}

/** A validation issue; an input may have several. */
export interface Issue {
  message: string;
  where?: Place;
  hint?: string;
}

/** Limit of a message or a hint, in characters. */
const maxTextLength = 8_000;

/**
 * The only error that services throw on purpose: what went wrong, where, and what to do about it. Control characters in
 * its texts are escaped, because they may quote foreign text.
 */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly where: Place | undefined;
  readonly hint: string | undefined;
  readonly issues: readonly Issue[];

  constructor(
    code: FaultCode,
    message: string,
    more: { where?: Place; hint?: string; issues?: readonly Issue[]; cause?: unknown } = {},
  ) {
    super(readableText(message), { cause: more.cause });
    this.name = 'Fault';
    this.code = code;
    this.where = more.where;
    this.hint = more.hint === undefined ? undefined : readableText(more.hint);
    this.issues = (more.issues ?? []).map(readable);
  }

  report(): FaultReport {
    return {
      code: this.code,
      message: this.message,
      ...(this.where && { where: this.where }),
      ...(this.hint && { hint: this.hint }),
    };
  }
}

function readable({ message, hint, ...place }: Issue): Issue {
  return { message: readableText(message), ...place, hint: hint === undefined ? undefined : readableText(hint) };
}

/** Shortens a text that may quote very long input. Keeps its end, where logs have the cause. */
function readableText(text: string): string {
  if (text.length <= maxTextLength) return printable(text);
  const half = maxTextLength / 2;
  return printable(`${text.slice(0, half)} … (${text.length - 2 * half} characters) … ${text.slice(-half)}`);
}

/** Returns true for a code of the catalogue, to restore a fault that crossed a process boundary. */
export function isFaultCode(code: unknown): code is FaultCode {
  return typeof code === 'string' && Object.hasOwn(faultCatalogue, code);
}

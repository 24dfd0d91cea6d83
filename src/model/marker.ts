import { z } from 'zod';
import type { FaultCode } from './fault.ts';
import { isFaultCode } from './fault.ts';
import { waitingReasons } from './waiting.ts';

/** Number of the try, from 1; only for a step with `retry`. */
const tries = z.number().int().positive().optional();

/** Fields of every marker: the attempt's mark, its time, and its signer with an increasing sequence number. */
const common = {
  mark: z.string(),
  at: z.string(),
  /** Public Ed25519 key of the runner's process, in base64url. Absent, like the number, from releases without signatures. */
  key: z
    .string()
    .regex(/^[\w-]{43}$/)
    .optional(),
  seq: z.number().int().nonnegative().optional(),
};

const fault = z.object({
  code: z.custom<FaultCode>(isFaultCode),
  message: z.string(),
  where: z
    .object({
      file: z.string().optional(),
      line: z.number().optional(),
      column: z.number().optional(),
      path: z.string().optional(),
      step: z.string().optional(),
    })
    .optional(),
  hint: z.string().optional(),
});

/** Signed markers of the runner, each printed as one line of JSON on stdout, to split its log into steps. */
export const markerSchema = z.discriminatedUnion('brightbird', [
  z.object({
    brightbird: z.literal('runner.start'),
    ...common,
    resumesAfter: z.string().optional(),
  }),
  z.object({
    brightbird: z.literal('step.start'),
    ...common,
    instance: z.string(),
    tries,
  }),
  /** The following lines belong to this step: steps may run in parallel. */
  z.object({ brightbird: z.literal('step.lines'), ...common, instance: z.string() }),
  /** Current wait of the step; without `wait`, the step continues. */
  z.object({
    brightbird: z.literal('step.waiting'),
    ...common,
    instance: z.string(),
    wait: z.object({ reason: z.enum(waitingReasons), message: z.string(), source: z.string() }).optional(),
  }),
  z.object({
    brightbird: z.literal('step.file'),
    ...common,
    instance: z.string(),
    path: z.string(),
    /** Size of the whole file, in bytes. */
    size: z.number().int().nonnegative(),
    /** Number of the part, from 0, and its bytes in base64. */
    part: z.number().int().nonnegative(),
    data: z.string(),
  }),
  z.object({
    brightbird: z.literal('step.end'),
    ...common,
    instance: z.string(),
    tries,
    state: z.enum(['success', 'error', 'canceled']),
    error: fault.optional(),
    /** At most 64 KB as JSON; cut by the runner. */
    outputs: z.record(z.string(), z.unknown()).optional(),
    /** Paths of masked values in the outputs, which contained a secret. */
    masked: z.array(z.array(z.string())).optional(),
  }),
  z.object({
    brightbird: z.literal('runner.end'),
    ...common,
    state: z.enum(['success', 'error']),
    failedStep: z.string().optional(),
    /** Steps that did not run because of the failed step. */
    skipped: z.array(z.string()).optional(),
  }),
]);
export type Marker = z.infer<typeof markerSchema>;

const prefix = '{"brightbird":';

/** Returns true when a line may be a marker, without parsing it. */
export function looksLikeMarker(line: string): boolean {
  return line.startsWith(prefix);
}

/** Returns the marker in a line of the runner, or undefined for any other line; `mark` identifies the attempt. */
export function parseMarker(line: string, mark: string): Marker | undefined {
  if (!looksLikeMarker(line)) return undefined;
  try {
    const parsed = markerSchema.safeParse(JSON.parse(line));
    return parsed.success && parsed.data.mark === mark ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

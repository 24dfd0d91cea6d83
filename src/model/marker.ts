import { z } from 'zod';
import type { FaultCode } from './fault.ts';
import { isFaultCode } from './fault.ts';
import { waitingReasons } from './waiting.ts';

/** Which try it is, from 1 on; only of a step with `retry`. */
const tries = z.number().int().positive().optional();

/** What every marker has: the attempt's mark, its time, and whom it is signed by, with a number that only grows. */
const common = {
  mark: z.string(),
  at: z.string(),
  /** Public Ed25519 key of the runner's process, in base64url. Absent, with the number, of releases that did not sign. */
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

/** What the runner prints, each as one line of JSON on stdout, so that its log can be split into steps. Whose it is, its signature tells. */
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
  /** The lines that follow are of this step: several run side by side. */
  z.object({ brightbird: z.literal('step.lines'), ...common, instance: z.string() }),
  /** What the step waits for from now on; without it, it goes on. */
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
    /** Bytes of the whole file. */
    size: z.number().int().nonnegative(),
    /** Which part it is, from 0 on, and its bytes in base64. */
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
    /** Paths in the outputs of what held a secret, and is masked. */
    masked: z.array(z.array(z.string())).optional(),
  }),
  z.object({
    brightbird: z.literal('runner.end'),
    ...common,
    state: z.enum(['success', 'error']),
    failedStep: z.string().optional(),
    /** Steps that did not run because that one had failed. */
    skipped: z.array(z.string()).optional(),
  }),
]);
export type Marker = z.infer<typeof markerSchema>;

const beginning = '{"brightbird":';

/** Whether a line may be a marker, without parsing it: that is true of few others. */
export function looksLikeMarker(line: string): boolean {
  return line.startsWith(beginning);
}

/** The marker that a line of the runner is, or undefined for any other line; `mark` is the attempt's own text. */
export function parseMarker(line: string, mark: string): Marker | undefined {
  if (!looksLikeMarker(line)) return undefined;
  try {
    const parsed = markerSchema.safeParse(JSON.parse(line));
    return parsed.success && parsed.data.mark === mark ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

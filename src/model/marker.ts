import { z } from 'zod';
import type { FaultCode } from './fault.ts';
import { isFaultCode } from './fault.ts';

/** Which try it is, from 1 on; only of a step with `retry`. */
const tries = z.number().int().positive().optional();

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

/** What the runner prints, each as one line of JSON on stdout, so that its log can be split into steps. */
export const markerSchema = z.discriminatedUnion('brightbird', [
  z.object({
    brightbird: z.literal('runner.start'),
    mark: z.string(),
    at: z.string(),
    resumesAfter: z.string().optional(),
  }),
  z.object({
    brightbird: z.literal('step.start'),
    mark: z.string(),
    at: z.string(),
    instance: z.string(),
    tries,
  }),
  /** The lines that follow are of this step: several run side by side. */
  z.object({ brightbird: z.literal('step.lines'), mark: z.string(), at: z.string(), instance: z.string() }),
  z.object({
    brightbird: z.literal('step.file'),
    mark: z.string(),
    at: z.string(),
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
    mark: z.string(),
    at: z.string(),
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
    mark: z.string(),
    at: z.string(),
    state: z.enum(['success', 'error']),
    failedStep: z.string().optional(),
    /** Steps that did not run because that one had failed. */
    skipped: z.array(z.string()).optional(),
  }),
]);
export type Marker = z.infer<typeof markerSchema>;

const beginning = '{"brightbird":';

/**
 * What a line of the runner has before its marker, as when a step has written half a line past the runner; undefined of a line
 * that is a marker as a whole, or has none.
 */
export function textBeforeMarker(line: string, mark: string): string | undefined {
  // Most lines end here. A marker ends its line, as the runner writes both at once.
  if (!line.endsWith('}') || !line.includes(mark)) return undefined;
  for (let at = line.indexOf(beginning, 1); at > 0; at = line.indexOf(beginning, at + 1)) {
    if (parseMarker(line.slice(at), mark)) return line.slice(0, at);
  }
  return undefined;
}

/** The marker that a line of the runner is, or undefined for any other line; `mark` is the attempt's own random text. */
export function parseMarker(line: string, mark: string): Marker | undefined {
  if (!line.startsWith(beginning)) return undefined;
  try {
    const parsed = markerSchema.safeParse(JSON.parse(line));
    return parsed.success && parsed.data.mark === mark ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

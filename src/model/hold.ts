import { z } from 'zod';
import { parseDuration } from './duration.ts';

const longestHours = 168;

/** Milliseconds that an environment is to be held; 0 of `0s`, which is not at all. Undefined of a text that is no duration. */
export function holdMs(text: string): number | undefined {
  return /^0(?:ms|s|m|h)$/.test(text) ? 0 : parseDuration(text);
}

/** How long an environment may be held at once: `30m`, `1h30m`; a week at most. */
export const holdSchema = z
  .string()
  .max(30)
  .refine(
    (text) => (holdMs(text) ?? Number.POSITIVE_INFINITY) <= longestHours * 3_600_000,
    `a duration like 30m or 1h30m, at most ${longestHours}h`,
  );

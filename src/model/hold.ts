import { z } from 'zod';
import { parseDuration } from './duration.ts';

const maxHours = 168;

/** Returns the milliseconds for which to hold an environment; 0 for `0s`, undefined for an invalid duration. */
export function parseHold(text: string): number | undefined {
  return /^0(?:ms|s|m|h)$/.test(text) ? 0 : parseDuration(text);
}

/** Duration of a hold: `30m`, `1h30m`; at most a week. */
export const holdSchema = z
  .string()
  .max(30)
  .refine(
    (text) => (parseHold(text) ?? Number.POSITIVE_INFINITY) <= maxHours * 3_600_000,
    `a duration like 30m or 1h30m, at most ${maxHours}h`,
  );

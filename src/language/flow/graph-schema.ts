import { z } from 'zod';
import { parseDuration } from '../../model/duration.ts';
import { globalsSchema } from '../../model/flow.ts';
import { nameSchema } from '../../model/names.ts';
import { pluginTypes } from '../../model/plugin.ts';

const maxDurationMs = 7 * 24 * 3600 * 1000;

const durationSchema = z.string('expected a duration with its unit, such as 30s').transform((text, context) => {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined && milliseconds <= maxDurationMs) return milliseconds;
  const problem =
    milliseconds === undefined
      ? 'is not a valid duration such as 500ms, 30s, 5m or 1h'
      : 'exceeds the limit of seven days';
  context.addIssue({ code: 'custom', message: `"${text}" ${problem}` });
  return z.NEVER;
});

const attemptsMessage = 'expected a whole number from 1 to 10: how often it runs at most';

const retrySchema = z.strictObject({
  attempts: z.int(attemptsMessage).min(1, attemptsMessage).max(10, attemptsMessage),
  delay: durationSchema.optional(),
});

const needsMessage = 'expected a list of the names of steps before it';

/** A flow's own keys, without the pipeline; the original's editor stores data of its own in `raw-data` and `description`. */
export const graphSchema = z.strictObject({
  name: z.string().nullish(),
  description: z.string().nullish(),
  globals: globalsSchema.nullish(),
  pipeline: z.unknown().optional(),
  'raw-data': z.unknown().optional(),
});

/**
 * A step's keys, including those of the original's ExecNode, where an empty string means unset; its `output` of an earlier
 * run is ignored.
 */
export const nodeSchema = z.strictObject({
  plugin: nameSchema.optional(),
  name: nameSchema.optional(),
  instanceName: z.string().nullish(),
  pluginType: z.enum(['', ...pluginTypes], `expected ${pluginTypes.join(' or ')}`).nullish(),
  version: z.string('expected a version in quotes, such as "v1.0.0"').nullish(),
  input: z.record(z.string(), z.unknown()).nullish(),
  output: z.unknown().optional(),
  timeout: durationSchema.optional(),
  retry: retrySchema.optional(),
  always: z.boolean('expected true or false').optional(),
  engineAccess: z.boolean('expected true or false').optional(),
  needs: z.array(z.string(needsMessage), needsMessage).max(1000, needsMessage).optional(),
});

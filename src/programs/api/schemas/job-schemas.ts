import { z } from '@hono/zod-openapi';
import { saveJobSchema } from '../../../model/job.ts';
import { timestampSchema } from './common-schemas.ts';
import { taskSummarySchema } from './task-schemas.ts';

const recordFields = {
  id: z.string(),
  execCount: z.number().int(),
  events: z.array(z.object({ at: timestampSchema, message: z.string() }).openapi('JobEvent')),
  createdAt: timestampSchema,
  updatedAt: timestampSchema,
};

const pauseSchema = z
  .object({ by: z.string().optional(), note: z.string().optional(), at: timestampSchema.optional() })
  .openapi('Pause');

/** Spread, not extended: the strict request schema would reject the additional members. */
const jobFields = { ...saveJobSchema.shape, ...recordFields, pause: pauseSchema.optional() };

export const savedJobSchema = z
  .object({
    ...jobFields,
    warnings: z.array(z.object({ message: z.string(), path: z.string(), hint: z.string().optional() })),
  })
  .openapi('SavedJob');

export const listedJobSchema = z.object(jobFields).openapi('Job');

export const jobDetailSchema = z
  .object({
    ...jobFields,
    paused: z.boolean(),
    trigger: z.enum(['none', 'schedule', 'webhook', 'missing']),
    nextRuns: z.array(timestampSchema),
    lastTasks: z.array(taskSummarySchema),
  })
  .openapi('JobDetail');

export const acceptedRunSchema = z.object({ taskId: z.string(), workflowId: z.string() }).openapi('AcceptedRun');

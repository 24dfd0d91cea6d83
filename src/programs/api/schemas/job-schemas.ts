import { z } from '@hono/zod-openapi';
import { saveJobSchema } from '../../../model/job.ts';
import { time } from './common-schemas.ts';
import { taskSummarySchema } from './task-schemas.ts';

const recordFields = {
  id: z.string(),
  execCount: z.number().int(),
  events: z.array(z.object({ at: time, message: z.string() }).openapi('JobEvent')),
  createdAt: time,
  updatedAt: time,
};

const pauseSchema = z
  .object({ by: z.string().optional(), note: z.string().optional(), at: time.optional() })
  .openapi('Pause');

/** Not those of the request extended: what is strict there could never be valid with more members. */
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
    nextRuns: z.array(time),
    lastTasks: z.array(taskSummarySchema),
  })
  .openapi('JobDetail');

export const acceptedRunSchema = z.object({ taskId: z.string(), workflowId: z.string() }).openapi('AcceptedRun');

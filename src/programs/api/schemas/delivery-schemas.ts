import { z } from '@hono/zod-openapi';
import { deliveryStates } from '../../../model/delivery.ts';
import { timestampSchema } from './common-schemas.ts';
import { changeSchema } from './task-schemas.ts';

const matchSchema = z
  .object({
    jobId: z.string(),
    jobName: z.string(),
    matched: z.boolean(),
    reason: z.string(),
    taskId: z.string().optional(),
    decision: z.string().optional(),
  })
  .openapi('DeliveryMatch');

const hookSchema = z
  .union([
    z
      .object({
        kind: z.literal('pr_merged'),
        repo: z.string(),
        base: z.string(),
        source: z.string(),
        number: z.number().int().optional(),
        title: z.string(),
        sha: z.string().optional(),
        by: z.string(),
      })
      .openapi('MergeEvent'),
    z
      .object({
        kind: z.literal('tag_created'),
        repo: z.string(),
        tag: z.string(),
        sha: z.string().optional(),
        by: z.string(),
      })
      .openapi('TagEvent'),
  ])
  .openapi('WebhookEvent');

export const deliverySchema = z
  .object({
    id: z.string(),
    event: z.string(),
    repo: z.string().optional(),
    summary: z.string(),
    hook: hookSchema.optional(),
    unreadable: z.literal(true).optional(),
    seq: z.number().int(),
    state: z.enum(deliveryStates),
    failures: z.number().int(),
    error: z.string().optional(),
    matches: z.array(matchSchema),
    replayOf: z.string().optional(),
    by: z.string().optional(),
    receivedAt: timestampSchema,
    dispatchedAt: timestampSchema.optional(),
  })
  .openapi('Delivery');

/** Result of matching a delivery against the current jobs. */
export const dryRunSchema = z
  .object({
    id: z.string(),
    event: z.string(),
    repo: z.string().optional(),
    summary: z.string(),
    receivedAt: timestampSchema,
    matches: z.array(
      matchSchema.pick({ jobId: true, jobName: true, matched: true, reason: true }).extend({
        changes: z.array(changeSchema),
      }),
    ),
  })
  .openapi('DryRun');

import { z } from '@hono/zod-openapi';
import { retryVersions } from '../../../model/attempt.ts';
import { globalsSchema, stepSpecSchema } from '../../../model/flow.ts';
import { versionsSchema } from '../../../model/job.ts';
import { outcomes } from '../../../model/outcome.ts';
import { stepStates } from '../../../model/step.ts';
import { taskStates } from '../../../model/task-state.ts';
import { faultSchema, nameSchema, timestampSchema, waitingSchema } from './common-schemas.ts';

const componentSchema = z
  .object({
    plugin: z.string(),
    repo: z.string(),
    version: z.string(),
    commit: z.string(),
    image: z.string(),
    digest: z.string().optional(),
    built: z.boolean(),
    build: z.string().optional(),
  })
  .openapi('ComponentImage');
const stepSchema = z
  .object({
    instance: z.string(),
    state: z.enum(stepStates),
    tries: z.number().int().optional(),
    startedAt: z.string().optional(),
    finishedAt: z.string().optional(),
    error: faultSchema.optional(),
  })
  .openapi('Step');
const timesSchema = z
  .object({
    requestedAt: timestampSchema,
    startedAt: timestampSchema.optional(),
    buildingAt: timestampSchema.optional(),
    createdAt: timestampSchema.optional(),
    runningAt: timestampSchema.optional(),
    heldAt: timestampSchema.optional(),
    cleaningAt: timestampSchema.optional(),
    settledAt: timestampSchema.optional(),
  })
  .openapi('TaskTimes');

export const changeSchema = z
  .object({
    repo: z.string(),
    version: z.string(),
    title: z.string(),
    sha: z.string().optional(),
    number: z.number().int().optional(),
  })
  .openapi('Change');
const triggerSchema = z
  .union([
    z.object({ type: z.literal('manual'), by: z.string().optional() }).openapi('ManualTrigger'),
    z.object({ type: z.literal('schedule'), nominalAt: z.string() }).openapi('ScheduleTrigger'),
    z
      .object({
        type: z.enum(['pr_merged', 'tag_created']),
        deliveries: z.array(z.string()),
        changes: z.array(changeSchema),
      })
      .openapi('EventTrigger'),
  ])
  .openapi('Trigger');

const budgetSchema = z.object({ used: z.number().int(), max: z.number().int() }).openapi('RetryBudget');

const undeletedSchema = z
  .object({ kind: z.string(), name: z.string(), uid: z.string(), reason: z.string() })
  .openapi('UndeletedObject');

/** A task in a list, without its steps. */
export const taskSummarySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    number: z.number().int(),
    jobId: z.string(),
    testFlowId: z.string(),
    flowRevision: z.number().int(),
    testId: z.string(),
    state: z.enum(taskStates),
    outcome: z.enum(outcomes).optional(),
    error: faultSchema.optional(),
    reason: z.string().optional(),
    waiting: waitingSchema.optional(),
    queuedAt: timestampSchema.optional(),
    attempt: z.number().int(),
    retries: z.object({ test: budgetSchema, infrastructure: budgetSchema }).optional(),
    heldUntil: timestampSchema.optional(),
    trigger: triggerSchema,
    lockfileOf: z.string().optional(),
    versions: versionsSchema,
    commits: versionsSchema,
    components: z.array(componentSchema),
    globals: globalsSchema,
    podName: z.string().optional(),
    workflowId: z.string(),
    runId: z.string(),
    times: timesSchema,
    undeletedObjects: z.array(undeletedSchema),
    logsRemovedAt: timestampSchema.optional(),
    stop: z.object({ by: z.string(), reason: z.string().optional(), at: timestampSchema }).optional(),
  })
  .openapi('TaskSummary');

const attemptSchema = z
  .object({
    attempt: z.number().int(),
    from: z.string().optional(),
    input: z.record(z.string(), z.unknown()).optional(),
    versions: z.enum(retryVersions).optional(),
    by: z.string().optional(),
    state: z.enum(taskStates),
    outcome: z.enum(outcomes).optional(),
    error: faultSchema.optional(),
    podName: z.string().optional(),
    steps: z.array(stepSchema),
    startedAt: z.string(),
    endedAt: z.string().optional(),
  })
  .openapi('Attempt');

/** A task with its pipeline, attempts, and the outputs of its steps. */
export const taskSchema = taskSummarySchema
  .extend({
    pipeline: z.array(nameSchema(stepSpecSchema, 'StepSpec')),
    attempts: z.array(attemptSchema),
    steps: z.array(
      stepSchema.extend({ outputs: z.record(z.string(), z.unknown()).optional() }).openapi('StepWithOutputs'),
    ),
    links: z.object({
      self: z.string(),
      job: z.string(),
      testFlow: z.string(),
      flowRevision: z.string(),
      logs: z.string(),
      pods: z.string(),
      artifacts: z.string(),
      testCases: z.string(),
      lockfile: z.string(),
      stop: z.string(),
      hold: z.string(),
      release: z.string(),
      retry: z.string(),
    }),
  })
  .openapi('Task');

const originSchema = z.object({
  at: z.string(),
  source: z.string(),
  attempt: z.number().int(),
  step: z.string().optional(),
});

export const logItemSchema = z
  .union([
    originSchema
      .extend({ seq: z.number().int(), stream: z.enum(['out', 'err', 'note']), text: z.string() })
      .openapi('LogLine'),
    originSchema
      .extend({ gap: z.object({ lines: z.number().int().optional(), from: z.string(), to: z.string() }) })
      .openapi('LogGap'),
  ])
  .openapi('LogItem');

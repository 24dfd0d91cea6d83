import { z } from 'zod';
import { canonicalTimezone } from './cron/timezone.ts';
import { globalsSchema } from './flow.ts';
import { holdSchema } from './hold.ts';

/** Component versions by plugin name: a commit, a branch or a tag; '' is the head of the default branch. */
export const versionsSchema = z.record(z.string(), z.string().max(250));
export type Versions = z.infer<typeof versionsSchema>;

/** Policies for a trigger that arrives while a task of the job runs. */
export const overlapPolicies = ['allow_all', 'skip', 'buffer_one', 'buffer_all', 'cancel_other'] as const;
export type OverlapPolicy = (typeof overlapPolicies)[number];

const retries = z.number().int().min(0).max(10);

export const policySchema = z.strictObject({
  /** Timeout of a whole run, in seconds, from the start of its task to the end of its test. */
  timeoutSeconds: z
    .number()
    .int()
    .positive()
    .max(7 * 24 * 3600)
    .default(3600),
  overlap: z.enum(overlapPolicies).default('allow_all'),
  /** Joins merges and tags that arrive while a task runs into one next task. */
  coalesce: z.boolean().default(false),
  /** How long the environment of a failed test is kept for debugging. */
  holdOnFailure: holdSchema.optional(),
  /** Automatic retries of the whole test: after a failed test, and after an infrastructure fault. */
  retry: z.strictObject({ test: retries.default(0), infrastructure: retries.default(5) }).optional(),
});
export type Policy = z.infer<typeof policySchema>;

export const jobTypes = ['manual', 'cron_job', 'pr_merged_hook', 'tag_created_hook'] as const;
export type JobType = (typeof jobTypes)[number];

/** A repository as `owner/name` or any clone URL of it. */
const repo = z.string().min(1).max(500);
/** A regular expression in RE2's syntax, as Go's: it matches anywhere, unless it says ^ and $. */
const pattern = z.string().min(1).max(1000);

export const pullRequestRuleSchema = z.strictObject({ repo, basePattern: pattern, sourcePattern: pattern });
export type PullRequestRule = z.infer<typeof pullRequestRuleSchema>;
export const tagRuleSchema = z.strictObject({ repo, tagPattern: pattern });
export type TagRule = z.infer<typeof tagRuleSchema>;

/** Body of `POST /jobs`. */
export const saveJobSchema = z.strictObject({
  name: z.string().min(1).max(100),
  testFlowId: z.string().min(1),
  jobType: z.enum(jobTypes).default('manual'),
  /** Five fields, or a macro such as `@daily`; only for cron jobs. */
  cronExpression: z.string().min(1).max(200).optional(),
  /** IANA name of the time zone of cronExpression, stored in its canonical spelling; UTC when absent. */
  timezone: z
    .string()
    .min(1)
    .max(100)
    .overwrite((name) => canonicalTimezone(name) ?? name)
    .optional(),
  /** Maximum random delay of each run, in seconds. */
  jitterSeconds: z.number().int().min(0).max(3600).optional(),
  /** Catch-up window in seconds: runs missed while Temporal was unavailable start late if they are not older. */
  catchUpSeconds: z
    .number()
    .int()
    .min(10)
    .max(7 * 24 * 3600)
    .optional(),
  prMergedEventMatches: z.array(pullRequestRuleSchema).max(100).optional(),
  tagCreateEventMatches: z.array(tagRuleSchema).max(100).optional(),
  versions: versionsSchema.default({}),
  globalProperties: globalsSchema.default({}),
  policy: policySchema.default({ timeoutSeconds: 3600, overlap: 'allow_all', coalesce: false }),
  description: z.string().max(10_000).default(''),
});
export type SaveJob = z.infer<typeof saveJobSchema>;

/** A part of a saved job that is valid but currently has no effect; `path` is its path in the request. */
export interface JobWarning {
  message: string;
  path: string;
  hint?: string;
}

/** Request for the next task number of a job, higher than `after`; `by` identifies a repeated request. */
export interface NumberRequest {
  after?: number;
  by?: string;
}

/** An event of a job, shown to users: a repaired schedule, a skipped run. */
export interface JobEvent {
  at: Date;
  message: string;
}

/** Who paused a job, and why. */
export interface Pause {
  by: string;
  note?: string;
  at: Date;
}

export interface Job extends SaveJob {
  id: string;
  /** Number of the job's newest task. */
  execCount: number;
  /** A copy for cron jobs, whose schedule in Temporal is authoritative. */
  pause?: Pause;
  /** Newest last. */
  events: JobEvent[];
  /** Set while the job is being deleted; no task starts any more. */
  deleting?: boolean;
  createdAt: Date;
  updatedAt: Date;
}

/** Body of `POST /jobs/{id}/run`, which overrides the job. */
export const runJobSchema = z.strictObject({
  versions: versionsSchema.default({}),
  globalProperties: globalsSchema.default({}),
  holdOnFailure: holdSchema.optional(),
  /** Task of the job whose flow, plugins, globals, commits and images this run reuses, unless overridden here. */
  lockfileOf: z.string().min(1).max(200).optional(),
});
export type RunJob = z.infer<typeof runJobSchema>;

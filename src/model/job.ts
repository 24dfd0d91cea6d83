import { z } from 'zod';
import { canonicalTimezone } from './cron/timezone.ts';
import { globalsSchema } from './flow.ts';
import { holdSchema } from './hold.ts';

/** Component versions by plugin name: a commit, a branch or a tag; '' is the head of the default branch. */
export const versionsSchema = z.record(z.string(), z.string().max(250));
export type Versions = z.infer<typeof versionsSchema>;

/** What happens to a trigger while a task of the job runs. */
export const overlapPolicies = ['allow_all', 'skip', 'buffer_one', 'buffer_all', 'cancel_other'] as const;
export type OverlapPolicy = (typeof overlapPolicies)[number];

const retries = z.number().int().min(0).max(10);

export const policySchema = z.strictObject({
  /** Limit of a whole run, in seconds, from the start of its task to the end of its test. */
  timeoutSeconds: z
    .number()
    .int()
    .positive()
    .max(7 * 24 * 3600)
    .default(3600),
  overlap: z.enum(overlapPolicies).default('allow_all'),
  /** Merges and tags that arrive while a task runs become one next task. */
  coalesce: z.boolean().default(false),
  /** How long the environment of a test that failed is kept for who wants to look into it. */
  holdOnFailure: holdSchema.optional(),
  /** New attempts of the whole test by itself: after a failure of the test, and after a fault of the infrastructure. */
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

/** What `POST /jobs` takes. */
export const saveJobSchema = z.strictObject({
  name: z.string().min(1).max(100),
  testFlowId: z.string().min(1),
  jobType: z.enum(jobTypes).default('manual'),
  /** Five fields, or `@daily` and the like; of cron jobs only. */
  cronExpression: z.string().min(1).max(200).optional(),
  /** IANA name of the time zone that cronExpression is in, kept in its canonical spelling; UTC when absent. */
  timezone: z
    .string()
    .min(1)
    .max(100)
    .overwrite((name) => canonicalTimezone(name) ?? name)
    .optional(),
  /** Each run starts up to so many seconds later than its time, at random. */
  jitterSeconds: z.number().int().min(0).max(3600).optional(),
  /** Runs that were missed while Temporal was away are made up if it was not longer than so many seconds. */
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

/** A part of a saved job that is valid, but has no effect as things are; `path` is its place in the request. */
export interface JobWarning {
  message: string;
  path: string;
  hint?: string;
}

/** Who wants the next number of a job's tasks: higher than `after`, and for one purpose, known by the name `by`. */
export interface NumberRequest {
  after?: number;
  by?: string;
}

/** Something that happened to a job, for who wonders: a repaired schedule, a skipped run. */
export interface JobEvent {
  at: Date;
  message: string;
}

/** Who stopped a job from being triggered, and why. */
export interface Pause {
  by: string;
  note?: string;
  at: Date;
}

export interface Job extends SaveJob {
  id: string;
  /** The number of the job's newest task. */
  execCount: number;
  /** Of a cron job this is a copy: its schedule in Temporal is what counts. */
  pause?: Pause;
  /** The newest ones last. */
  events: JobEvent[];
  /** It is being deleted: nothing starts any more. */
  deleting?: boolean;
  createdAt: Date;
  updatedAt: Date;
}

/** What `POST /jobs/{id}/run` takes: all of it goes over what the job says. */
export const runJobSchema = z.strictObject({
  versions: versionsSchema.default({}),
  globalProperties: globalsSchema.default({}),
  holdOnFailure: holdSchema.optional(),
  /** A task of the job whose flow, plugins, globals, commits and images this run has again, but for what is given here. */
  lockfileOf: z.string().min(1).max(200).optional(),
});
export type RunJob = z.infer<typeof runJobSchema>;

import { z } from 'zod';
import { globalsSchema } from './flow.ts';

/** Component versions by plugin name: a commit, a branch or a tag; '' is the head of the default branch. */
export const versionsSchema = z.record(z.string(), z.string().max(250));
export type Versions = z.infer<typeof versionsSchema>;

export const policySchema = z.strictObject({
  /** Limit of a whole run, in seconds, from the start of its task to the end of its test. */
  timeoutSeconds: z
    .number()
    .int()
    .positive()
    .max(7 * 24 * 3600)
    .default(3600),
});
export type Policy = z.infer<typeof policySchema>;

/** What `POST /jobs` takes. */
export const saveJobSchema = z.strictObject({
  name: z.string().min(1).max(100),
  testFlowId: z.string().min(1),
  jobType: z.enum(['manual']).default('manual'),
  versions: versionsSchema.default({}),
  globalProperties: globalsSchema.default({}),
  policy: policySchema.default({ timeoutSeconds: 3600 }),
  description: z.string().max(10_000).default(''),
});
export type SaveJob = z.infer<typeof saveJobSchema>;

export interface Job extends SaveJob {
  id: string;
  /** The number of the job's newest task. */
  execCount: number;
  createdAt: Date;
  updatedAt: Date;
}

/** What `POST /jobs/{id}/run` takes: both go over what the job says. */
export const runJobSchema = z.strictObject({
  versions: versionsSchema.default({}),
  globalProperties: globalsSchema.default({}),
});
export type RunJob = z.infer<typeof runJobSchema>;

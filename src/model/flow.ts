import { z } from 'zod';
import { instanceNameSchema, nameSchema } from './names.ts';

const globalSchema = z.union([z.string(), z.number(), z.boolean()], 'expected a text, a number, true or false');
/** Far more than people write. */
const mostGlobals = 1000;
export const globalsSchema = z
  .record(z.string().min(1).max(100), globalSchema)
  .refine((globals) => Object.keys(globals).length <= mostGlobals, `at most ${mostGlobals} globals`);
export type Globals = z.infer<typeof globalsSchema>;

/** What `POST /testflows` takes; `graph` is the YAML text, kept as it was written. */
export const saveFlowSchema = z.strictObject({
  name: z.string().min(3).max(100),
  groupId: z.string().optional(),
  graph: z.string().min(1).max(1_000_000),
  globalProperties: globalsSchema.default({}),
  description: z.string().max(10_000).default(''),
});
export type SaveFlow = z.infer<typeof saveFlowSchema>;

/** What `PUT /testflows/{id}` takes: with `revision`, only if the flow is still at it. */
export const editFlowSchema = saveFlowSchema.extend({ revision: z.number().int().positive().optional() });
export type EditFlow = z.infer<typeof editFlowSchema>;

export interface TestFlow extends SaveFlow {
  id: string;
  revision: number;
  /** Who saved this revision; unknown of flows from before revisions were kept. */
  updatedBy?: string;
  createdAt: Date;
  updatedAt: Date;
}

/** A flow without its graph, as lists give it. */
export type FlowSummary = Omit<TestFlow, 'graph'>;

/** A flow as it was saved at some time; never changed. */
export interface FlowRevision {
  testFlowId: string;
  revision: number;
  name: string;
  graph: string;
  globalProperties: Globals;
  description: string;
  by?: string;
  at: Date;
}

/** One step as the flow's YAML says it, its input still with `{{references}}`. */
export const stepSpecSchema = z.strictObject({
  instance: instanceNameSchema,
  plugin: nameSchema,
  /** Version of the plugin; without it the newest. */
  version: z.string().optional(),
  input: z.record(z.string(), z.unknown()).default({}),
  /** Limit of the step's run, in milliseconds. */
  timeoutMs: z.number().int().positive().optional(),
  /** A step that failed or was over its limit runs again: how often in all, and how long after. */
  retry: z
    .strictObject({
      attempts: z.number().int().min(1).max(10),
      delayMs: z.number().int().positive().optional(),
    })
    .optional(),
  /** It runs also after a step before it has failed. */
  always: z.boolean().optional(),
  /** Its program talks to the cluster or the engine: the runner gets the rights that it has for a deploy step. */
  engineAccess: z.boolean().optional(),
  /** The steps before it that must be over when it begins; without it all, one after the other. */
  needs: z.array(instanceNameSchema).optional(),
});
export type StepSpec = z.infer<typeof stepSpecSchema>;

/** A flow's YAML, parsed: the steps in the order of the run. */
export interface FlowGraph {
  name: string | undefined;
  globals: Globals;
  steps: StepSpec[];
}

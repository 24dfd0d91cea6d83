import { z } from 'zod';
import { instanceNameSchema, nameSchema } from './names.ts';

const globalSchema = z.union([z.string(), z.number(), z.boolean()], 'expected a text, a number, true or false');
/** Safety limit, far above real flows. */
const maxGlobals = 1000;
export const globalsSchema = z
  .record(z.string().min(1).max(100), globalSchema)
  .refine((globals) => Object.keys(globals).length <= maxGlobals, `at most ${maxGlobals} globals`);
export type Globals = z.infer<typeof globalsSchema>;

/** Body of `POST /testflows`; `graph` is the YAML text, stored unchanged. */
export const saveFlowSchema = z.strictObject({
  name: z.string().min(3).max(100),
  groupId: z.string().optional(),
  graph: z.string().min(1).max(1_000_000),
  globalProperties: globalsSchema.default({}),
  description: z.string().max(10_000).default(''),
});
export type SaveFlow = z.infer<typeof saveFlowSchema>;

/** Body of `PUT /testflows/{id}`; with `revision`, the edit applies only to that revision. */
export const editFlowSchema = saveFlowSchema.extend({ revision: z.number().int().positive().optional() });
export type EditFlow = z.infer<typeof editFlowSchema>;

export interface TestFlow extends SaveFlow {
  id: string;
  revision: number;
  /** Author of this revision; absent for flows saved before revisions existed. */
  updatedBy?: string;
  createdAt: Date;
  updatedAt: Date;
}

/** A flow without its graph, for lists. */
export type FlowSummary = Omit<TestFlow, 'graph'>;

/** A saved revision of a flow; immutable. */
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

/** A step as written in the flow's YAML; its input still contains `{{references}}`. */
export const stepSpecSchema = z.strictObject({
  instance: instanceNameSchema,
  plugin: nameSchema,
  /** Version of the plugin; the newest by default. */
  version: z.string().optional(),
  input: z.record(z.string(), z.unknown()).default({}),
  /** Timeout of the step, in milliseconds. */
  timeoutMs: z.number().int().positive().optional(),
  /** Retry of a step that failed or timed out: number of attempts in all, and the delay between them. */
  retry: z
    .strictObject({
      attempts: z.number().int().min(1).max(10),
      delayMs: z.number().int().positive().optional(),
    })
    .optional(),
  /** Runs even after an earlier step has failed. */
  always: z.boolean().optional(),
  /** The program accesses the cluster or the engine: the runner gets the same rights as for a deploy step. */
  engineAccess: z.boolean().optional(),
  /** Earlier steps that must have finished when it begins; all by default, in sequence. */
  needs: z.array(instanceNameSchema).optional(),
});
export type StepSpec = z.infer<typeof stepSpecSchema>;

/** A parsed flow, with the steps in order of execution. */
export interface FlowGraph {
  name: string | undefined;
  globals: Globals;
  steps: StepSpec[];
}

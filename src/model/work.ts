import { z } from 'zod';
import { hostSchema } from './component.ts';
import { globalsSchema, stepSpecSchema } from './flow.ts';
import { resourcesSchema } from './placement.ts';
import { pluginDefSchema, pluginForms } from './plugin.ts';

/** Paths inside the runner's container. */
export const workPaths = {
  directory: '/work',
  file: '/work/work.json',
  checkpoint: '/work/checkpoint.json',
  plugins: '/work/plugins',
  secrets: '/work/secrets',
} as const;

const workStepSchema = stepSpecSchema.extend({
  def: pluginDefSchema.extend({
    form: z.enum(pluginForms),
    file: z.string().optional(),
    checksum: z.string().optional(),
  }),
});
export type WorkStep = z.infer<typeof workStepSchema>;

/** What the runner gets to do, in a mounted file: never credentials, never in its args. */
export const workFileSchema = z.strictObject({
  taskId: z.string(),
  testId: z.string(),
  attempt: z.number().int().positive(),
  namespace: z.string(),
  registry: z.string(),
  /** Text of this attempt, which its markers carry. No secret: whose markers are believed, their signatures tell. */
  mark: z.string().min(8),
  runtime: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('docker'),
      /** The task's network; absent for a flow without deploy steps. */
      network: z.string().optional(),
      /** Labels that everything the runner makes must carry. */
      labels: z.record(z.string(), z.string()),
    }),
    z.strictObject({
      kind: z.literal('kubernetes'),
      /** The ConfigMap that owns everything the runner makes. */
      owner: z.strictObject({ name: z.string(), uid: z.string() }),
      /** Labels and annotations that everything the runner makes must carry. */
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()),
      /** The names of the components, for the hosts files of all pods that the runner makes. */
      hosts: z.array(hostSchema).default([]),
    }),
  ]),
  /** Resources of components that say nothing of theirs. */
  componentResources: resourcesSchema.optional(),
  globals: globalsSchema,
  /** Full commit sha by plugin name, for what was built. */
  commits: z.record(z.string(), z.string()),
  /** The wanted version by plugin name, for what was not built. */
  versions: z.record(z.string(), z.string()),
  /** Image reference by plugin name. */
  images: z.record(z.string(), z.string()),
  steps: z.array(workStepSchema),
  /** Outputs of the steps that have succeeded in an attempt before, in the same environment: they do not run again. */
  earlier: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  /** Paths in these of what held a secret, and is masked. */
  masked: z.record(z.string(), z.array(z.array(z.string()))).optional(),
});
export type WorkFile = z.infer<typeof workFileSchema>;

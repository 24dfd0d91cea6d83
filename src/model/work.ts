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

/** The work of the runner, in a mounted file: without credentials, and not in its args. */
export const workFileSchema = z.strictObject({
  taskId: z.string(),
  testId: z.string(),
  attempt: z.number().int().positive(),
  namespace: z.string(),
  registry: z.string(),
  /** Id of this attempt in its markers. Not a secret: markers are authenticated by their signatures. */
  mark: z.string().min(8),
  runtime: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('docker'),
      /** The task's network; absent for a flow without deploy steps. */
      network: z.string().optional(),
      /** Labels of all objects that the runner creates. */
      labels: z.record(z.string(), z.string()),
    }),
    z.strictObject({
      kind: z.literal('kubernetes'),
      /** ConfigMap that owns all objects that the runner creates. */
      owner: z.strictObject({ name: z.string(), uid: z.string() }),
      /** Labels and annotations of all objects that the runner creates. */
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()),
      /** Names of the components, for the hosts files of all pods that the runner creates. */
      hosts: z.array(hostSchema).default([]),
    }),
  ]),
  /** Default resources of components. */
  componentResources: resourcesSchema.optional(),
  globals: globalsSchema,
  /** Full commit sha by plugin name, for built images. */
  commits: z.record(z.string(), z.string()),
  /** Requested version by plugin name, for other images. */
  versions: z.record(z.string(), z.string()),
  /** Image reference by plugin name. */
  images: z.record(z.string(), z.string()),
  steps: z.array(workStepSchema),
  /** Outputs of steps that succeeded in an earlier attempt in the same environment, and do not run again. */
  earlier: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  /** Paths of masked values in these outputs, which contained a secret. */
  masked: z.record(z.string(), z.array(z.array(z.string()))).optional(),
});
export type WorkFile = z.infer<typeof workFileSchema>;

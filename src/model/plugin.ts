import { z } from 'zod';
import { imageReferenceSchema, writtenImageSchema, writtenVolumeSchema } from './image-reference.ts';
import { nameSchema, secretNameSchema, variableNameSchema } from './names.ts';
import { placementSchema } from './placement.ts';

/** A JSON Schema document (draft 2020-12 or 07), checked by ajv where it is used. */
const jsonSchema = z.record(z.string(), z.unknown());

export const pluginTypes = ['Deployer', 'Exec'] as const;
export type PluginType = (typeof pluginTypes)[number];

const text = z.string();
/** A number, or a text with `{{input.x}}` that becomes one. */
const reference = z.string().regex(/^\{\{[^}]+\}\}$/);
const numberOrReference = z.union([z.number(), reference]);
const portOrReference = z.union([z.number().int().min(1).max(65_535), reference], {
  error: 'a port from 1 to 65535, or a reference such as {{input.port}}',
});

export const readinessSchema = z.strictObject({
  /** `GET path` must answer 2xx or 3xx; without it a TCP connection to the port is enough. */
  path: z.string().startsWith('/').optional(),
  port: portOrReference.optional(),
  timeoutSeconds: z.number().positive().max(3600).default(60),
  /** How often a replica that exits before it is ready is started again; not at all without it. */
  maxRestarts: z.number().int().min(0).max(10).optional(),
});

const mountPath = z.string().startsWith('/');

/** What a deploy plugin runs; its strings may hold `{{input.x}}`, `{{global.x}}`, `{{testId}}`, `{{instanceName}}`. */
export const serviceSchema = z.strictObject({
  /** Without it, the image built from the plugin's repo at the task's commit. */
  image: writtenImageSchema.optional(),
  command: z.array(text).optional(),
  args: z.array(text).optional(),
  env: z.record(variableNameSchema, text).default({}),
  configFiles: z.array(z.strictObject({ path: z.string().startsWith('/'), content: text })).default([]),
  /** Volumes by their names, as the plugin `pvc` returns them; one whose name is empty is left out. */
  volumes: z.array(z.strictObject({ name: writtenVolumeSchema, mountPath })).default([]),
  ports: z.array(z.strictObject({ name: z.string().optional(), port: portOrReference })).min(1),
  replicas: numberOrReference.default(1),
  readiness: readinessSchema.default({ timeoutSeconds: 60 }),
  ...placementSchema.shape,
});
export type ServiceSpec = z.infer<typeof serviceSchema>;

/** Not one of those that a script is given anyway. */
const variableName = /^(?!(?:PATH|HOME|COMMIT|IMAGE|REGISTRY|PROXY|GIT_TOKEN|DOCKER_HOST)$)[A-Z_][A-Z0-9_]{0,62}$/;
/** No variable of an environment can hold one. */
const withoutNul = z.string().regex(/^[^\0]*$/, 'no NUL');

export const buildRecipeSchema = z.strictObject({
  dockerfile: z.string().default('Dockerfile'),
  context: z.string().default('.'),
  target: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'the name of a stage')
    .optional(),
  args: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'letters, digits and _'), withoutNul).default({}),
  /** A shell script, as a Go template, that makes the image; with a builder, what the Dockerfile needs. */
  script: z.string().min(1).max(65_536).optional(),
  /** Image of the container that the script runs in; without it, it runs on the worker's machine. */
  builder: imageReferenceSchema.optional(),
  /** Secrets by variable: a script finds them in its environment, a Dockerfile by RUN --mount=type=secret,id=<variable>. */
  secrets: z.record(z.string().regex(variableName, 'a name like NPM_TOKEN'), secretNameSchema).optional(),
});
export type BuildRecipe = z.infer<typeof buildRecipeSchema>;

/** Go templates of what a service becomes in a cluster, each in the place of the default of the same name. */
export const serviceTemplatesSchema = z.strictObject({
  configmap: text.optional(),
  headless: text.optional(),
  statefulset: text.optional(),
});

/** What a plugin says of itself: `plugin info` of an executable, plugin.yaml of a declarative one. */
export const pluginDefSchema = z.object({
  name: nameSchema,
  version: z.string().regex(/^v\d+\.\d+\.\d+$/, 'a version like v1.0.0'),
  pluginType: z.enum(pluginTypes),
  description: z.string().default(''),
  repo: z.string().optional(),
  imageTarget: z.string().optional(),
  build: buildRecipeSchema
    .refine(({ script, builder }) => builder === undefined || script !== undefined, {
      path: ['builder'],
      error: 'runs a script, and there is none',
    })
    .optional(),
  /** `build.script` as the original's plugins write it. */
  buildScript: z.string().max(65_536).optional(),
  inputSchema: jsonSchema.default({ type: 'object' }),
  outputSchema: jsonSchema.default({ type: 'object' }),
  labels: z.array(z.string()).default([]),
  service: serviceSchema.optional(),
  /** Texts of its own templates for a cluster; read from its folder `templates`, never written in plugin.yaml. */
  templates: serviceTemplatesSchema.optional(),
});
export type PluginDef = z.infer<typeof pluginDefSchema>;

/** How the runner runs it: code of the runner itself, a program of the plugin store, or a `service` to deploy. */
export const pluginForms = ['builtin', 'executable', 'declarative'] as const;
type PluginForm = (typeof pluginForms)[number];

/** A plugin version as it is recorded. `file` is its path inside the plugin store, `checksum` the SHA-256 of that file in hex. */
export interface Plugin extends PluginDef {
  form: PluginForm;
  file?: string;
  checksum?: string;
}

/** A plugin whose image BrightBird builds: it names a repository and an image. Programs in Go have '' for what they have not. */
export function isBuildable(plugin: PluginDef): plugin is PluginDef & { repo: string; imageTarget: string } {
  return Boolean(plugin.repo && plugin.imageTarget);
}

/** How a plugin's image is made; the original's `buildScript` counts where `build` has no script of its own. */
export function recipeOf({ build, buildScript }: PluginDef): BuildRecipe {
  const recipe = buildRecipeSchema.parse(build ?? {});
  return buildScript && recipe.script === undefined ? { ...recipe, script: buildScript } : recipe;
}

import { z } from 'zod';
import { imageOrReferenceSchema, imageReferenceSchema, volumeOrReferenceSchema } from './image-reference.ts';
import { nameSchema, secretNameSchema, variableNameSchema } from './names.ts';
import { placementSchema } from './placement.ts';

/** A JSON Schema document (draft 2020-12 or 07), checked by ajv where it is used. */
const jsonSchema = z.record(z.string(), z.unknown());

export const pluginTypes = ['Deployer', 'Exec'] as const;
export type PluginType = (typeof pluginTypes)[number];

const text = z.string();
/** A reference such as `{{input.x}}`, resolved to a number. */
const reference = z.string().regex(/^\{\{[^}]+\}\}$/);
const numberOrReference = z.union([z.number(), reference]);
const portOrReference = z.union([z.number().int().min(1).max(65_535), reference], {
  error: 'a port from 1 to 65535, or a reference such as {{input.port}}',
});

export const readinessSchema = z.strictObject({
  /** Path whose GET must return 2xx or 3xx; without it a TCP connection to the port is enough. */
  path: z.string().startsWith('/').optional(),
  port: portOrReference.optional(),
  timeoutSeconds: z.number().positive().max(3600).default(60),
  /** Maximum restarts of a replica that exits before it is ready; none by default. */
  maxRestarts: z.number().int().min(0).max(10).optional(),
});

const mountPath = z.string().startsWith('/');

/** The service of a deploy plugin; its strings may contain `{{input.x}}`, `{{global.x}}`, `{{testId}}`, `{{instanceName}}`. */
export const serviceSchema = z.strictObject({
  /** Image; by default the one built from the plugin's repo at the task's commit. */
  image: imageOrReferenceSchema.optional(),
  command: z.array(text).optional(),
  args: z.array(text).optional(),
  env: z.record(variableNameSchema, text).default({}),
  configFiles: z.array(z.strictObject({ path: z.string().startsWith('/'), content: text })).default([]),
  /** Volumes by name, as returned by the plugin `pvc`; a volume with an empty name is skipped. */
  volumes: z.array(z.strictObject({ name: volumeOrReferenceSchema, mountPath })).default([]),
  ports: z.array(z.strictObject({ name: z.string().optional(), port: portOrReference })).min(1),
  replicas: numberOrReference.default(1),
  readiness: readinessSchema.default({ timeoutSeconds: 60 }),
  ...placementSchema.shape,
});
export type ServiceSpec = z.infer<typeof serviceSchema>;

/** Excludes the variables that every script gets. */
const variableName = /^(?!(?:PATH|HOME|COMMIT|IMAGE|REGISTRY|PROXY|GIT_TOKEN|DOCKER_HOST)$)[A-Z_][A-Z0-9_]{0,62}$/;
/** Environment variables cannot contain NUL. */
const withoutNul = z.string().regex(/^[^\0]*$/, 'must not contain NUL');

export const buildRecipeSchema = z.strictObject({
  dockerfile: z.string().default('Dockerfile'),
  context: z.string().default('.'),
  target: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'the name of a stage')
    .optional(),
  args: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'letters, digits and _'), withoutNul).default({}),
  /** A shell script, as a Go template, that builds the image; with a builder, it prepares the Dockerfile's context. */
  script: z.string().min(1).max(65_536).optional(),
  /** Image of the container that runs the script; by default the script runs on the worker's machine. */
  builder: imageReferenceSchema.optional(),
  /** Secrets by variable: in the environment of a script, or for RUN --mount=type=secret,id=<variable> of a Dockerfile. */
  secrets: z.record(z.string().regex(variableName, 'a name like NPM_TOKEN'), secretNameSchema).optional(),
});
export type BuildRecipe = z.infer<typeof buildRecipeSchema>;

/** Go templates of a service's objects in a cluster; each replaces the default of the same name. */
export const serviceTemplatesSchema = z.strictObject({
  configmap: text.optional(),
  headless: text.optional(),
  statefulset: text.optional(),
});

/** Definition of a plugin: the output of `plugin info` of an executable, or the plugin.yaml of a declarative one. */
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
      error: 'requires build.script, which is missing',
    })
    .optional(),
  /** `build.script` in the original's form. */
  buildScript: z.string().max(65_536).optional(),
  inputSchema: jsonSchema.default({ type: 'object' }),
  outputSchema: jsonSchema.default({ type: 'object' }),
  labels: z.array(z.string()).default([]),
  service: serviceSchema.optional(),
  /** Its own templates for a cluster; read from its folder `templates`, never from plugin.yaml. */
  templates: serviceTemplatesSchema.optional(),
});
export type PluginDef = z.infer<typeof pluginDefSchema>;

/** Forms of a plugin: code of the runner itself, a program of the plugin store, or a `service` to deploy. */
export const pluginForms = ['builtin', 'executable', 'declarative'] as const;
type PluginForm = (typeof pluginForms)[number];

/** The record of a plugin version. `file` is its path inside the plugin store, `checksum` the SHA-256 of that file in hex. */
export interface Plugin extends PluginDef {
  form: PluginForm;
  file?: string;
  checksum?: string;
}

/** Returns true when BrightBird builds the plugin's image. Go programs send '' for an absent repository or image name. */
export function isBuildable(plugin: PluginDef): plugin is PluginDef & { repo: string; imageTarget: string } {
  return Boolean(plugin.repo && plugin.imageTarget);
}

/** Returns the build recipe of a plugin, with the original's `buildScript` when `build` has no script of its own. */
export function recipeOf({ build, buildScript }: PluginDef): BuildRecipe {
  const recipe = buildRecipeSchema.parse(build ?? {});
  return buildScript && recipe.script === undefined ? { ...recipe, script: buildScript } : recipe;
}

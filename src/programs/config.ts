import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { imageReferenceSchema } from '../model/image-reference.ts';
import { parseMysqlTemplate } from '../model/mysql-template.ts';

const port = z.string().regex(/^\d+$/, 'a number').transform(Number).pipe(z.int().min(0).max(65535));
/** At most what a Date can go back. */
const days = z
  .string()
  .regex(/^\d{1,5}$/, 'a whole number of days, 0 for ever')
  .transform(Number);
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const minSecretLength = 8;
/** Several, so that a new one can be in use before the old one is gone. */
const secrets = z
  .string()
  .transform((text) => text.split(',').map((secret) => secret.trim()))
  .refine((all) => all.every(Boolean), 'one secret, or several with a comma between them')
  .refine((all) => all.every(({ length }) => length === 0 || length >= minSecretLength), {
    error: `each secret has at least ${minSecretLength} characters: a shorter one can be guessed from one delivery`,
  });

/** What a header can carry whatever its sender: visible ASCII, as in the credentials of RFC 9110, section 11.4. */
const headerText = z
  .string()
  .regex(
    /^[\x21-\x7e]*$/,
    'visible ASCII characters only, without spaces and line breaks: it is sent in a header of HTTP',
  );

/** Amounts of a container's resources, as `cpu=100m,memory=128Mi`. */
const amounts = z
  .string()
  .regex(
    /^[\w./-]+=\d+(\.\d+)?[a-zA-Z]{0,2}(,[\w./-]+=\d+(\.\d+)?[a-zA-Z]{0,2})*$/,
    'amounts such as cpu=100m,memory=128Mi',
  )
  .transform((text): Record<string, string> => Object.fromEntries(text.split(',').map((one) => one.split('='))));

/** A DSN with a password: its messages must not repeat it. */
const mysqlTemplate = z.string().superRefine((text, context) => {
  try {
    parseMysqlTemplate(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
});

/** Every setting, by the name of its environment variable; docs/reference/configuration.md has the same in words. */
const settingsSchema = z
  .object({
    /** Without it, the first free port from 8300 on. */
    PORT: port.optional(),
    HOST: z.string().default('127.0.0.1'),
    BRIGHTBIRD_HOME: z.string().default('.brightbird'),
    BRIGHTBIRD_CACHE: z.string().optional(),
    BRIGHTBIRD_ADMIN_TOKEN: headerText.min(16, 'at least 16 characters').optional(),
    TEMPORAL_ADDRESS: z.string().optional(),
    TEMPORAL_NAMESPACE: z.string().default('default'),
    TEMPORAL_API_KEY: headerText.optional(),
    TEMPORAL_TLS_CERT: z.string().optional(),
    TEMPORAL_TLS_KEY: z.string().optional(),
    TEMPORAL_TLS_CA: z.string().optional(),
    MONGODB_URI: z.string().optional(),
    DOCKER_HOST: z.string().optional(),
    RUNTIME: z.enum(['docker', 'kubernetes']).default('docker'),
    KUBECONFIG: z.string().optional(),
    NAMESPACE: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/)
      .max(63)
      .default('brightbird'),
    /** Several with a comma between them: images are looked for in all, and pushed to the first. */
    REGISTRY: z
      .string()
      .default('')
      .transform((text) => (text === '' ? [] : text.split(',').map((one) => one.trim().replace(/\/+$/, ''))))
      .refine(
        (all) => all.every((one) => /^[a-z0-9][a-z0-9.-]*(:\d+)?(\/[a-z0-9._/-]+)?$/.test(one)),
        'host[:port][/path], or several of them',
      )
      .refine((all) => new Set(all).size === all.length, 'each registry once'),
    /** Accounts at registries, in the form of Docker's config.json. */
    REGISTRY_AUTH_FILE: z.string().optional(),
    REGISTRY_USERNAME: z.string().optional(),
    REGISTRY_PASSWORD: z.string().optional(),
    PLUGIN_STORE: z.string().optional(),
    /** Claim of the cluster that has the plugin store in its folder `plugins`. */
    PLUGIN_CLAIM: z.string().optional(),
    SECRET_STORE: z.string().optional(),
    RUNNER_TEMPLATE: z.string().optional(),
    /** MySQL server where each test gets a database; what the original's plugins are given to make databases of their own. */
    MYSQL_CONN_TEMPLATE: mysqlTemplate.optional(),
    BASE_IMAGE: imageReferenceSchema.optional(),
    /** Of the containers of runners and components that say nothing of their resources. */
    RUNNER_REQUESTS: amounts.optional(),
    RUNNER_LIMITS: amounts.optional(),
    COMPONENT_REQUESTS: amounts.optional(),
    COMPONENT_LIMITS: amounts.optional(),
    GITHUB_WEBHOOK_SECRET: secrets.optional(),
    /** One for github.com, or `host=token` with a comma between them. */
    GIT_TOKEN: z
      .string()
      .refine((text) => text.split(',').every((one) => /^[\x21-\x7e]*$/.test(one.trim())) && !/[\r\n]/.test(text), {
        error: 'visible ASCII characters only, without line breaks: they are sent in a header of HTTP',
      })
      .optional(),
    GIT_ALLOW_FILE_URLS: flag.default(false),
    /** Gigabytes (10^9 bytes) of git mirrors. */
    MIRROR_LIMIT_GB: z.coerce.number().positive().default(20),
    /** What build scripts are given as PROXY. */
    BUILD_PROXY: z.string().optional(),
    BUILD_SLOTS: z.coerce.number().int().min(1).max(64).default(2),
    /** Days that logs and records are kept after a task's end; 0 is for ever. */
    LOG_RETENTION_DAYS: days.default(30),
    TASK_RETENTION_DAYS: days.default(90),
    /** How long a task waits for a Docker engine or cluster that does not answer, before it ends. */
    ENGINE_TIMEOUT_SECONDS: z.coerce.number().int().min(1).max(86_400).default(300),
    /** Age of objects without a task before they are removed. */
    ORPHAN_GRACE_MINUTES: z.coerce.number().int().min(1).max(10_080).default(10),
    /** Where the workers of this program show the Temporal SDK's own metrics. */
    METRICS_ADDRESS: z
      .string()
      .regex(/^(\[[0-9a-fA-F:.]+\]|[0-9.]+):\d{1,5}$/, 'an IP address and a port, as in 127.0.0.1:9464')
      .optional(),
    LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  })
  .refine(({ RUNTIME, REGISTRY }) => RUNTIME === 'docker' || REGISTRY.length > 0, {
    path: ['REGISTRY'],
    error: 'needed with RUNTIME=kubernetes: the nodes of the cluster pull images from there',
  })
  .refine(({ REGISTRY_USERNAME: name, REGISTRY_PASSWORD: secret }) => (name === undefined) === (secret === undefined), {
    path: ['REGISTRY_PASSWORD'],
    error: 'goes together with REGISTRY_USERNAME',
  });

type Settings = z.infer<typeof settingsSchema>;

/** Directories that have a place of their own when they are not set. */
type DerivedPath = 'BRIGHTBIRD_CACHE' | 'PLUGIN_STORE' | 'SECRET_STORE';

/** The settings with their derived paths, all absolute; frozen. */
export type Config = Readonly<
  Omit<Settings, DerivedPath | 'REGISTRY'> &
    Record<DerivedPath, string> & {
      /** The first of REGISTRIES, '' without any. */
      REGISTRY: string;
      REGISTRIES: readonly string[];
    }
>;

/** Bad settings, all of them in one message. */
export class ConfigError extends Error {}

/** Reads the settings once, at start. Empty variables count as unset. Throws ConfigError with every bad name. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`These settings cannot be used:\n${lines.join('\n')}`);
  }
  const settings = parsed.data;
  const home = resolve(settings.BRIGHTBIRD_HOME);
  return Object.freeze({
    ...settings,
    BRIGHTBIRD_HOME: home,
    BRIGHTBIRD_CACHE: resolve(
      settings.BRIGHTBIRD_CACHE ?? join(given.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'brightbird'),
    ),
    PLUGIN_STORE: resolve(settings.PLUGIN_STORE ?? join(home, 'plugins')),
    SECRET_STORE: resolve(settings.SECRET_STORE ?? join(home, 'secrets')),
    REGISTRY: settings.REGISTRY[0] ?? '',
    REGISTRIES: settings.REGISTRY,
  });
}

/** The account at the first registry, when both of its settings are there. */
export function registryAccount({ REGISTRY_USERNAME: username, REGISTRY_PASSWORD: password }: Config) {
  return username !== undefined && password !== undefined ? { username, password } : undefined;
}

/** Addresses of the servers that a program does not bring itself. Throws ConfigError that names those that are missing. */
export function requireServers(config: Config): { temporalAddress: string; mongoUri: string } {
  const { TEMPORAL_ADDRESS: temporalAddress, MONGODB_URI: mongoUri } = config;
  if (temporalAddress !== undefined && mongoUri !== undefined) return { temporalAddress, mongoUri };
  const missing = Object.entries({ TEMPORAL_ADDRESS: temporalAddress, MONGODB_URI: mongoUri })
    .filter(([, value]) => value === undefined)
    .map(([name]) => name);
  throw new ConfigError(`This program needs ${missing.join(' and ')}; \`npm start\` brings servers of its own.`);
}

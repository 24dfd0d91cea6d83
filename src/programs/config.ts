import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { imageReferenceSchema } from '../model/image-reference.ts';
import { parseMysqlTemplate } from '../model/mysql-template.ts';

const port = z.string().regex(/^\d+$/, 'must be a number').transform(Number).pipe(z.int().min(0).max(65535));
/** Five digits: a Date cannot go back further. */
const days = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a whole number of days; 0 keeps them forever')
  .transform(Number);
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const minSecretLength = 8;
/** Several secrets are valid during a rotation. */
const secrets = z
  .string()
  .transform((text) => text.split(',').map((secret) => secret.trim()))
  .refine((all) => all.every(Boolean), 'must be one secret, or several separated by commas')
  .refine((all) => all.every(({ length }) => length === 0 || length >= minSecretLength), {
    error: `each secret needs at least ${minSecretLength} characters: a shorter one can be guessed from one delivery`,
  });

/** Text that is valid in an HTTP header: visible ASCII, as in the credentials of RFC 9110, section 11.4. */
const headerText = z
  .string()
  .regex(
    /^[\x21-\x7e]*$/,
    'must be visible ASCII characters without spaces and line breaks: it is sent in an HTTP header',
  );

/** Resource amounts of a container, such as `cpu=100m,memory=128Mi`. */
const amounts = z
  .string()
  .regex(
    /^[\w./-]+=\d+(\.\d+)?[a-zA-Z]{0,2}(,[\w./-]+=\d+(\.\d+)?[a-zA-Z]{0,2})*$/,
    'must be amounts such as cpu=100m,memory=128Mi',
  )
  .transform((text): Record<string, string> => Object.fromEntries(text.split(',').map((one) => one.split('='))));

/** A DSN with a password, which no message may repeat. */
const mysqlTemplate = z.string().superRefine((text, context) => {
  try {
    parseMysqlTemplate(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
});

/** Settings by environment variable; docs/reference/configuration.md describes them. */
const settingsSchema = z
  .object({
    /** Defaults to the first free port from 8300 on. */
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
    /** Registries separated by commas. Images are looked up in all and pushed to the first. */
    REGISTRY: z
      .string()
      .default('')
      .transform((text) => (text === '' ? [] : text.split(',').map((one) => one.trim().replace(/\/+$/, ''))))
      .refine(
        (all) => all.every((one) => /^[a-z0-9][a-z0-9.-]*(:\d+)?(\/[a-z0-9._/-]+)?$/.test(one)),
        'must be host[:port][/path], or several separated by commas',
      )
      .refine((all) => new Set(all).size === all.length, 'must name each registry once'),
    /** Path of registry credentials in the format of Docker's config.json. */
    REGISTRY_AUTH_FILE: z.string().optional(),
    REGISTRY_USERNAME: z.string().optional(),
    REGISTRY_PASSWORD: z.string().optional(),
    PLUGIN_STORE: z.string().optional(),
    /** PersistentVolumeClaim with the plugin store in its folder `plugins`. */
    PLUGIN_CLAIM: z.string().optional(),
    SECRET_STORE: z.string().optional(),
    RUNNER_TEMPLATE: z.string().optional(),
    /** DSN template of the MySQL server where each test gets a database; also passed to plugins. */
    MYSQL_CONN_TEMPLATE: mysqlTemplate.optional(),
    BASE_IMAGE: imageReferenceSchema.optional(),
    /** Default resources of runner and component containers. */
    RUNNER_REQUESTS: amounts.optional(),
    RUNNER_LIMITS: amounts.optional(),
    COMPONENT_REQUESTS: amounts.optional(),
    COMPONENT_LIMITS: amounts.optional(),
    GITHUB_WEBHOOK_SECRET: secrets.optional(),
    /** Token for github.com, or `host=token` pairs separated by commas. */
    GIT_TOKEN: z
      .string()
      .refine((text) => text.split(',').every((one) => /^[\x21-\x7e]*$/.test(one.trim())) && !/[\r\n]/.test(text), {
        error: 'must be visible ASCII characters without line breaks: they are sent in an HTTP header',
      })
      .optional(),
    GIT_ALLOW_FILE_URLS: flag.default(false),
    /** Disk limit of the git mirrors, in gigabytes (10^9 bytes). */
    MIRROR_LIMIT_GB: z.coerce.number().positive().default(20),
    /** Value of PROXY in build scripts. */
    BUILD_PROXY: z.string().optional(),
    BUILD_SLOTS: z.coerce.number().int().min(1).max(64).default(2),
    /** Retention of logs and records after the end of a task, in days; 0 keeps them forever. */
    LOG_RETENTION_DAYS: days.default(30),
    TASK_RETENTION_DAYS: days.default(90),
    /** Time that a task waits for an unreachable Docker engine or cluster before it fails. */
    ENGINE_TIMEOUT_SECONDS: z.coerce.number().int().min(1).max(86_400).default(300),
    /** Age at which objects without a task are removed. */
    ORPHAN_GRACE_MINUTES: z.coerce.number().int().min(1).max(10_080).default(10),
    /** Address of the Temporal SDK metrics of this program's workers. */
    METRICS_ADDRESS: z
      .string()
      .regex(/^(\[[0-9a-fA-F:.]+\]|[0-9.]+):\d{1,5}$/, 'must be an IP address and a port, such as 127.0.0.1:9464')
      .optional(),
    LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  })
  .refine(({ RUNTIME, REGISTRY }) => RUNTIME === 'docker' || REGISTRY.length > 0, {
    path: ['REGISTRY'],
    error: 'required with RUNTIME=kubernetes: the nodes of the cluster pull images from it',
  })
  .refine(({ REGISTRY_USERNAME: name, REGISTRY_PASSWORD: secret }) => (name === undefined) === (secret === undefined), {
    path: ['REGISTRY_PASSWORD'],
    error: 'must be set together with REGISTRY_USERNAME',
  });

type Settings = z.infer<typeof settingsSchema>;

/** Directories with a derived default. */
type DerivedPath = 'BRIGHTBIRD_CACHE' | 'PLUGIN_STORE' | 'SECRET_STORE';

/** Settings with derived, absolute paths; frozen. */
export type Config = Readonly<
  Omit<Settings, DerivedPath | 'REGISTRY'> &
    Record<DerivedPath, string> & {
      /** The first of REGISTRIES, or ''. */
      REGISTRY: string;
      REGISTRIES: readonly string[];
    }
>;

/** All invalid settings in one message. */
export class ConfigError extends Error {}

/** Reads the settings. Empty variables count as unset. Throws ConfigError that lists every invalid setting. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`Invalid settings:\n${lines.join('\n')}`);
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

/** Returns the account at the first registry, or undefined unless name and password are set. */
export function registryAccount({ REGISTRY_USERNAME: username, REGISTRY_PASSWORD: password }: Config) {
  return username !== undefined && password !== undefined ? { username, password } : undefined;
}

/** Returns the addresses of Temporal and MongoDB. Throws ConfigError that names the missing settings. */
export function requireServers(config: Config): { temporalAddress: string; mongoUri: string } {
  const { TEMPORAL_ADDRESS: temporalAddress, MONGODB_URI: mongoUri } = config;
  if (temporalAddress !== undefined && mongoUri !== undefined) return { temporalAddress, mongoUri };
  const missing = Object.entries({ TEMPORAL_ADDRESS: temporalAddress, MONGODB_URI: mongoUri })
    .filter(([, value]) => value === undefined)
    .map(([name]) => name);
  throw new ConfigError(`${missing.join(' and ')} must be set; only \`npm start\` brings its own servers.`);
}

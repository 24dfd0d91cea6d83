import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerCreateOptions } from 'dockerode';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseDuration } from '../../../src/model/duration.ts';
import { root } from './run.ts';

const serviceSchema = z.looseObject({
  image: z.string(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  network_mode: z.string().optional(),
  group_add: z.array(z.string()).default([]),
  init: z.boolean().default(false),
  restart: z.string(),
  stop_grace_period: z.string().default('10s'),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z
    .object({
      test: z.array(z.string()),
      interval: z.string(),
      timeout: z.string(),
      start_period: z.string().default('0s'),
    })
    .optional(),
});
const composeSchema = z.looseObject({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.null()),
});
export type Service = z.infer<typeof serviceSchema>;

/** Matches `${NAME}`, `${NAME:-default}` and `${NAME:?message}` of the Compose Specification. */
const variable = /\$\{(\w+)(?::([-?])([^}]*))?\}/g;

export const composeText = (): Promise<string> => readFile(join(root, 'docker-compose.yml'), 'utf8');

/** Returns every use of a variable in the file. */
export function variablesIn(text: string): { name: string; kind: string | undefined; text: string }[] {
  return [...text.matchAll(variable)].map(([, name = '', kind, more = '']) => ({ name, kind, text: more }));
}

/** Reads the file as Compose does with these variables. Throws when a required variable is missing. */
export async function readCompose(variables: Record<string, string>): Promise<z.infer<typeof composeSchema>> {
  const text = await composeText();
  const replaced = (_all: string, name: string, kind?: string, more = ''): string => {
    const value = variables[name] ?? '';
    if (value === '' && kind === '?') throw new Error(`${name} is not set: ${more}`);
    return value === '' && kind === '-' ? more : value;
  };
  // Like Compose, in YAML strings, so that a port stays a string and an empty value is not null.
  const reviver = (_key: unknown, value: unknown) =>
    typeof value === 'string' ? value.replaceAll(variable, replaced) : value;
  return composeSchema.parse(parse(text, reviver, { merge: true }));
}

const nanoseconds = (text: string): number => (parseDuration(text) ?? 0) * 1_000_000;

/** Returns the options of the container that Compose creates for a service; volume names begin with the project name. */
export function containerOf(
  project: string,
  service: Service,
  changes: Record<string, string>,
): ContainerCreateOptions {
  const { image, command, environment, volumes, network_mode, group_add, init, restart, healthcheck } = service;
  return {
    Image: image,
    Cmd: command,
    Env: Object.entries({ ...environment, ...changes }).map((pair) => pair.join('=')),
    StopTimeout: (parseDuration(service.stop_grace_period) ?? 0) / 1000,
    ...(healthcheck && {
      Healthcheck: {
        Test: healthcheck.test,
        Interval: nanoseconds(healthcheck.interval),
        Timeout: nanoseconds(healthcheck.timeout),
        StartPeriod: nanoseconds(healthcheck.start_period),
      },
    }),
    HostConfig: {
      Binds: volumes.map((volume) => (volume.startsWith('/') ? volume : `${project}_${volume}`)),
      GroupAdd: group_add,
      Init: init,
      RestartPolicy: { Name: restart },
      ...(network_mode && { NetworkMode: network_mode }),
    },
  };
}

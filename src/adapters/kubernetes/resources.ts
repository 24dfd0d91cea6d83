import { z } from 'zod';
import type { Manifest } from '../../model/engine/objects.ts';
import type { Api } from './api.ts';

/** Kinds of objects that a run may have, and where the API has them. */
const resources = {
  Pod: '/api/v1/{ns}/pods',
  ConfigMap: '/api/v1/{ns}/configmaps',
  Secret: '/api/v1/{ns}/secrets',
  Service: '/api/v1/{ns}/services',
  PersistentVolumeClaim: '/api/v1/{ns}/persistentvolumeclaims',
  StatefulSet: '/apis/apps/v1/{ns}/statefulsets',
  Deployment: '/apis/apps/v1/{ns}/deployments',
  Job: '/apis/batch/v1/{ns}/jobs',
} as const;
export type Kind = keyof typeof resources;
export const kinds = Object.keys(resources) as Kind[];

const text = z.record(z.string(), z.string()).default({});
export const metadataSchema = z.looseObject({
  name: z.string(),
  uid: z.string(),
  labels: text,
  annotations: text,
  /** Set by the API server for everything (Kubernetes, ObjectMeta). */
  creationTimestamp: z.string().default(''),
  deletionTimestamp: z.string().optional(),
  ownerReferences: z.array(z.looseObject({ kind: z.string(), uid: z.string() })).default([]),
  finalizers: z.array(z.string()).default([]),
});
export type Metadata = z.infer<typeof metadataSchema>;

const objectSchema = z.looseObject({ metadata: metadataSchema });
const listSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  items: z.array(objectSchema).nullish(),
});
export type ApiObject = z.infer<typeof objectSchema>;

/** Objects of one namespace of a cluster. */
export class Namespace {
  readonly api: Api;
  readonly name: string;

  constructor(api: Api, name: string) {
    this.api = api;
    this.name = name;
  }

  path(kind: Kind, name?: string): string {
    const folder = resources[kind].replace('{ns}', `namespaces/${this.name}`);
    return name === undefined ? folder : `${folder}/${encodeURIComponent(name)}`;
  }

  async get(kind: Kind, name: string, signal?: AbortSignal): Promise<ApiObject> {
    return objectSchema.parse(await this.api.call({ path: this.path(kind, name), signal }));
  }

  /** The objects with the labels, as they are now, and the version from which a watch goes on. */
  async list(kind: Kind, labelSelector: string, signal?: AbortSignal) {
    const answer = await this.api.call({ path: this.path(kind), query: { labelSelector }, signal });
    const { items, metadata } = listSchema.parse(answer);
    return { items: items ?? [], resourceVersion: metadata.resourceVersion };
  }

  /** Creates the object; a field that its kind does not have is refused, not dropped (Kubernetes, API Concepts, Field validation). */
  async create(kind: Kind, body: Manifest): Promise<ApiObject> {
    const query = { fieldValidation: 'Strict' };
    return objectSchema.parse(await this.api.call({ method: 'POST', path: this.path(kind), query, body }));
  }

  /** Has the server do all of a creation but keep the object (Kubernetes, API Concepts, Dry-run). */
  async dryRun(kind: Kind, body: Manifest, signal: AbortSignal): Promise<void> {
    const query = { fieldValidation: 'Strict', dryRun: 'All' };
    await this.api.call({ method: 'POST', path: this.path(kind), query, body, signal });
  }

  async patch(kind: Kind, name: string, body: object): Promise<ApiObject> {
    return objectSchema.parse(await this.api.call({ method: 'PATCH', path: this.path(kind, name), body }));
  }

  /** Deletes the object of that uid alone; what depends on it goes afterwards. */
  async delete(kind: Kind, name: string, uid: string, more: { graceSeconds?: number; signal?: AbortSignal } = {}) {
    const { graceSeconds, signal } = more;
    const body = {
      preconditions: { uid },
      propagationPolicy: 'Background',
      ...(graceSeconds !== undefined && { gracePeriodSeconds: graceSeconds }),
    };
    await this.api.call({ method: 'DELETE', path: this.path(kind, name), body, signal });
  }
}

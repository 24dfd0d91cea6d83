import { z } from 'zod';
import type { Manifest } from '../../model/engine/objects.ts';
import type { Api } from './api.ts';

/** Kinds of objects that a run may have, with their API paths. */
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
  /** Set by the API server for all objects (Kubernetes, ObjectMeta). */
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

/** Client for the objects of one namespace. */
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

  /** Lists the objects with the labels, and returns the resource version to watch from. */
  async list(kind: Kind, labelSelector: string, signal?: AbortSignal) {
    const answer = await this.api.call({ path: this.path(kind), query: { labelSelector }, signal });
    const { items, metadata } = listSchema.parse(answer);
    return { items: items ?? [], resourceVersion: metadata.resourceVersion };
  }

  /** Creates the object. Unknown fields are refused, not dropped (Kubernetes, API Concepts, Field validation). */
  async create(kind: Kind, body: Manifest): Promise<ApiObject> {
    const query = { fieldValidation: 'Strict' };
    return objectSchema.parse(await this.api.call({ method: 'POST', path: this.path(kind), query, body }));
  }

  /** Validates a creation on the server without storing the object (Kubernetes, API Concepts, Dry-run). */
  async dryRun(kind: Kind, body: Manifest, signal: AbortSignal): Promise<void> {
    const query = { fieldValidation: 'Strict', dryRun: 'All' };
    await this.api.call({ method: 'POST', path: this.path(kind), query, body, signal });
  }

  async patch(kind: Kind, name: string, body: object): Promise<ApiObject> {
    return objectSchema.parse(await this.api.call({ method: 'PATCH', path: this.path(kind, name), body }));
  }

  /** Deletes the object only if it has that uid; its dependents are deleted afterwards. */
  async delete(kind: Kind, name: string, uid: string, options: { graceSeconds?: number; signal?: AbortSignal } = {}) {
    const { graceSeconds, signal } = options;
    const body = {
      preconditions: { uid },
      propagationPolicy: 'Background',
      gracePeriodSeconds: graceSeconds,
    };
    await this.api.call({ method: 'DELETE', path: this.path(kind, name), body, signal });
  }
}

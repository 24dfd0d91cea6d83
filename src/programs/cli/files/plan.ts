import { isDeepStrictEqual } from 'node:util';
import { type Job, saveJobSchema } from '../../../model/job.ts';
import type { ApiClient } from '../api-client.ts';
import { type FileDocument, filterByKind } from './documents.ts';
import type { ServerState } from './server-state.ts';

/** Ids by name of existing and created records. */
export interface Ids {
  groups: Map<string, string>;
  flows: Map<string, string>;
}

/** A planned change of one document. */
export interface Step {
  document: FileDocument;
  effect: 'created' | 'updated' | 'unchanged';
  /** Applies the change on the server. Throws the server's Fault. */
  send(api: ApiClient, ids: Ids): Promise<void>;
}

/** Plans the changes on the server, ordered so that each name exists before it is used. */
export async function planChanges(documents: readonly FileDocument[], server: ServerState): Promise<Step[]> {
  return [
    ...filterByKind(documents, 'Group').map((group) => groupStep(group, server)),
    ...filterByKind(documents, 'Plugin').map(unchanged),
    ...(await Promise.all(filterByKind(documents, 'TestFlow').map((flow) => flowStep(flow, server)))),
    ...filterByKind(documents, 'Job').map((job) => jobStep(job, server)),
  ];
}

function unchanged(document: FileDocument): Step {
  return { document, effect: 'unchanged', send: async () => undefined };
}

function groupStep(document: FileDocument<'Group'>, server: ServerState): Step {
  const { spec } = document;
  const { name, description } = spec;
  const existing = server.groups.get(name);
  if (!existing) {
    return {
      document,
      effect: 'created',
      async send(api, ids) {
        ids.groups.set(name, (await api.post<{ id: string }>('/groups', spec)).id);
      },
    };
  }
  if (existing.description === description) return unchanged(document);
  return { document, effect: 'updated', send: (api) => api.patch(`/groups/${existing.id}`, { description }) };
}

async function flowStep(document: FileDocument<'TestFlow'>, server: ServerState): Promise<Step> {
  const { group, ...said } = document.spec;
  const { name } = said;
  const bodyWith = (ids: Ids) => ({ ...said, groupId: group === undefined ? undefined : ids.groups.get(group) });
  const existing = await server.flow(name);
  if (!existing) {
    return {
      document,
      effect: 'created',
      async send(api, ids) {
        ids.flows.set(name, (await api.post<{ id: string }>('/testflows', bodyWith(ids))).id);
      },
    };
  }
  const { id, revision, groupId, graph, globalProperties, description } = existing;
  // A new group has no id yet: the flow cannot be in it.
  const isNew = group !== undefined && !server.groups.has(group);
  const sameGroup = !isNew && groupId === (group && server.groups.get(group)?.id);
  if (sameGroup && isDeepStrictEqual({ name, graph, globalProperties, description }, said)) return unchanged(document);
  const send: Step['send'] = (api, ids) => api.put(`/testflows/${id}`, { ...bodyWith(ids), revision });
  return { document, effect: 'updated', send };
}

function jobStep(document: FileDocument<'Job'>, server: ServerState): Step {
  const { testFlow, ...said } = document.spec;
  const { name } = said;
  const bodyWith = (ids: Ids) => ({ ...said, testFlowId: ids.flows.get(testFlow) });
  const existing = server.jobs.get(name);
  if (!existing) {
    return { document, effect: 'created', send: (api, ids) => api.post('/jobs', bodyWith(ids)) };
  }
  const wanted = { ...said, testFlowId: server.flows.get(testFlow)?.id };
  if (isDeepStrictEqual(omitUndefined(specOf(existing)), omitUndefined(wanted))) return unchanged(document);
  return { document, effect: 'updated', send: (api, ids) => api.put(`/jobs/${existing.id}`, bodyWith(ids)) };
}

/** Returns the fields of a job that users set. */
export function specOf(job: Job): Record<string, unknown> {
  const own = Object.keys(saveJobSchema.shape);
  return Object.fromEntries(Object.entries(job).filter(([key]) => own.includes(key)));
}

/** Removes undefined members, for comparison. */
function omitUndefined(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

import { isDeepStrictEqual } from 'node:util';
import { type Job, saveJobSchema } from '../../../model/job.ts';
import type { ApiClient } from '../api-client.ts';
import { type FileDocument, ofKind } from './documents.ts';
import type { ServerState } from './server-state.ts';

/** Ids by name, of what is on the server and of what was made on the way. */
export interface Ids {
  groups: Map<string, string>;
  flows: Map<string, string>;
}

/** What becomes of one document. */
export interface Step {
  document: FileDocument;
  effect: 'created' | 'updated' | 'unchanged';
  /** Makes it so on the server. Throws the fault with which the server refuses. */
  send(api: ApiClient, ids: Ids): Promise<void>;
}

/** What documents would change on the server, in an order in which each name is there when it is needed. */
export async function plan(documents: readonly FileDocument[], server: ServerState): Promise<Step[]> {
  return [
    ...ofKind(documents, 'Group').map((group) => groupStep(group, server)),
    ...ofKind(documents, 'Plugin').map(unchanged),
    ...(await Promise.all(ofKind(documents, 'TestFlow').map((flow) => flowStep(flow, server)))),
    ...ofKind(documents, 'Job').map((job) => jobStep(job, server)),
  ];
}

function unchanged(document: FileDocument): Step {
  return { document, effect: 'unchanged', send: async () => undefined };
}

function groupStep(document: FileDocument<'Group'>, server: ServerState): Step {
  const { said } = document;
  const { name, description } = said;
  const existing = server.groups.get(name);
  if (!existing) {
    return {
      document,
      effect: 'created',
      async send(api, ids) {
        ids.groups.set(name, (await api.post<{ id: string }>('/groups', said)).id);
      },
    };
  }
  if (existing.description === description) return unchanged(document);
  return { document, effect: 'updated', send: (api) => api.patch(`/groups/${existing.id}`, { description }) };
}

async function flowStep(document: FileDocument<'TestFlow'>, server: ServerState): Promise<Step> {
  const { group, ...said } = document.said;
  const { name } = said;
  const bodyWith = (ids: Ids) => ({ ...said, ...(group !== undefined && { groupId: ids.groups.get(group) }) });
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
  // A group that is made on the way has no id yet: the flow cannot be in it.
  const isNew = group !== undefined && !server.groups.has(group);
  const sameGroup = !isNew && groupId === (group && server.groups.get(group)?.id);
  if (sameGroup && isDeepStrictEqual({ name, graph, globalProperties, description }, said)) return unchanged(document);
  const send: Step['send'] = (api, ids) => api.put(`/testflows/${id}`, { ...bodyWith(ids), revision });
  return { document, effect: 'updated', send };
}

function jobStep(document: FileDocument<'Job'>, server: ServerState): Step {
  const { testFlow, ...said } = document.said;
  const { name } = said;
  const bodyWith = (ids: Ids) => ({ ...said, testFlowId: ids.flows.get(testFlow) });
  const existing = server.jobs.get(name);
  if (!existing) {
    return { document, effect: 'created', send: (api, ids) => api.post('/jobs', bodyWith(ids)) };
  }
  const wanted = { ...said, testFlowId: server.flows.get(testFlow)?.id };
  if (isDeepStrictEqual(settled(saidOf(existing)), settled(wanted))) return unchanged(document);
  return { document, effect: 'updated', send: (api, ids) => api.put(`/jobs/${existing.id}`, bodyWith(ids)) };
}

/** What its user says of a job, without what the system keeps of it. */
export function saidOf(job: Job): Record<string, unknown> {
  const own = Object.keys(saveJobSchema.shape);
  return Object.fromEntries(Object.entries(job).filter(([key]) => own.includes(key)));
}

/** Without what is not there, so that two can be compared. */
function settled(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

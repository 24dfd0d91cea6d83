import { isDeepStrictEqual } from 'node:util';
import { type Job, saveJobSchema } from '../../model/job.ts';
import type { ApiClient } from '../api-client.ts';
import { type FileDocument, type Kind, ofKind } from './documents.ts';
import type { ServerState } from './server-state.ts';

/** Ids by name, of what is on the server and of what was made on the way. */
export interface Ids {
  groups: Map<string, string>;
  flows: Map<string, string>;
}

/** What becomes of one document. */
export interface Step {
  kind: Kind;
  name: string;
  effect: 'created' | 'updated' | 'unchanged';
  /** Makes it so on the server. Throws the fault with which the server refuses. */
  send(api: ApiClient, ids: Ids): Promise<void>;
}

/** What documents without mistakes change on the server, in an order in which each name is there when it is needed. */
export async function plan(documents: readonly FileDocument[], server: ServerState): Promise<Step[]> {
  return [
    ...ofKind(documents, 'Group').map((group) => groupStep(group, server)),
    ...ofKind(documents, 'Plugin').map(({ kind, said: { name } }) => unchanged(kind, name)),
    ...(await Promise.all(ofKind(documents, 'TestFlow').map((flow) => flowStep(flow, server)))),
    ...ofKind(documents, 'Job').map((job) => jobStep(job, server)),
  ];
}

function unchanged(kind: Kind, name: string): Step {
  return { kind, name, effect: 'unchanged', send: async () => undefined };
}

function groupStep({ kind, said }: FileDocument<'Group'>, server: ServerState): Step {
  const { name, description } = said;
  const existing = server.groups.get(name);
  if (!existing) {
    return {
      kind,
      name,
      effect: 'created',
      async send(api, ids) {
        ids.groups.set(name, (await api.post<{ id: string }>('/groups', said)).id);
      },
    };
  }
  if (existing.description === description) return unchanged(kind, name);
  return { kind, name, effect: 'updated', send: (api) => api.patch(`/groups/${existing.id}`, { description }) };
}

async function flowStep(
  { kind, said: { group, ...said } }: FileDocument<'TestFlow'>,
  server: ServerState,
): Promise<Step> {
  const { name } = said;
  const bodyWith = (ids: Ids) => ({ ...said, ...(group !== undefined && { groupId: ids.groups.get(group) }) });
  const existing = await server.flow(name);
  if (!existing) {
    return {
      kind,
      name,
      effect: 'created',
      async send(api, ids) {
        ids.flows.set(name, (await api.post<{ id: string }>('/testflows', bodyWith(ids))).id);
      },
    };
  }
  const { id, revision, groupId, graph, globalProperties, description } = existing;
  const sameGroup = groupId === (group === undefined ? undefined : server.groups.get(group)?.id);
  if (sameGroup && isDeepStrictEqual({ name, graph, globalProperties, description }, said))
    return unchanged(kind, name);
  const send: Step['send'] = (api, ids) => api.put(`/testflows/${id}`, { ...bodyWith(ids), revision });
  return { kind, name, effect: 'updated', send };
}

function jobStep({ kind, said: { testFlow, ...said } }: FileDocument<'Job'>, server: ServerState): Step {
  const { name } = said;
  const bodyWith = (ids: Ids) => ({ ...said, testFlowId: ids.flows.get(testFlow) });
  const existing = server.jobs.get(name);
  if (!existing) {
    return { kind, name, effect: 'created', send: (api, ids) => api.post('/jobs', bodyWith(ids)) };
  }
  const wanted = { ...said, testFlowId: server.flows.get(testFlow)?.id };
  if (isDeepStrictEqual(settled(saidOf(existing)), settled(wanted))) return unchanged(kind, name);
  return { kind, name, effect: 'updated', send: (api, ids) => api.put(`/jobs/${existing.id}`, bodyWith(ids)) };
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

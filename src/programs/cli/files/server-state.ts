import type { FlowSummary, TestFlow } from '../../../model/flow.ts';
import type { Group } from '../../../model/group.ts';
import type { Job } from '../../../model/job.ts';
import type { Plugin } from '../../../model/plugin.ts';
import type { ApiClient } from '../api-client.ts';

/** What a server has, by name; times are texts. */
export interface ServerState {
  groups: ReadonlyMap<string, Group>;
  flows: ReadonlyMap<string, FlowSummary>;
  jobs: ReadonlyMap<string, Job>;
  plugins: readonly Plugin[];
  /** A flow with its graph, asked for once. */
  flow(name: string): Promise<TestFlow | undefined>;
}

/** Reads what a server has, but for the graphs. Faults: unavailable, unauthenticated. */
export async function readServer(api: ApiClient): Promise<ServerState> {
  const [groups, flows, jobs, plugins] = await Promise.all([
    api.all<Group>('/groups'),
    api.all<FlowSummary>('/testflows'),
    api.all<Job>('/jobs'),
    api.get<{ items: Plugin[] }>('/plugins'),
  ]);
  const byName = <T extends { name: string }>(items: readonly T[]) => new Map(items.map((item) => [item.name, item]));
  const known = byName(flows);
  const asked = new Map<string, Promise<TestFlow>>();
  return {
    groups: byName(groups),
    flows: known,
    jobs: byName(jobs),
    plugins: plugins.items,
    async flow(name) {
      const id = known.get(name)?.id;
      if (id === undefined) return undefined;
      const flow = asked.get(id) ?? api.get<TestFlow>(`/testflows/${id}`);
      asked.set(id, flow);
      return flow;
    },
  };
}

import type { FlowSummary, TestFlow } from '../../../model/flow.ts';
import type { Group } from '../../../model/group.ts';
import type { Job } from '../../../model/job.ts';
import type { Plugin } from '../../../model/plugin.ts';
import type { ApiClient } from '../api-client.ts';

/** Records of a server by name; times are strings. */
export interface ServerState {
  groups: ReadonlyMap<string, Group>;
  flows: ReadonlyMap<string, FlowSummary>;
  jobs: ReadonlyMap<string, Job>;
  plugins: readonly Plugin[];
  /** Returns a flow with its graph, fetched once. */
  flow(name: string): Promise<TestFlow | undefined>;
}

/** Reads the records of a server without the graphs. Throws unavailable or unauthenticated. */
export async function readServer(api: ApiClient): Promise<ServerState> {
  const [groups, flows, jobs, plugins] = await Promise.all([
    api.all<Group>('/groups'),
    api.all<FlowSummary>('/testflows'),
    api.all<Job>('/jobs'),
    api.get<{ items: Plugin[] }>('/plugins'),
  ]);
  const byName = <T extends { name: string }>(items: readonly T[]) => new Map(items.map((item) => [item.name, item]));
  const known = byName(flows);
  const fetched = new Map<string, Promise<TestFlow>>();
  return {
    groups: byName(groups),
    flows: known,
    jobs: byName(jobs),
    plugins: plugins.items,
    async flow(name) {
      const id = known.get(name)?.id;
      if (id === undefined) return undefined;
      const flow = fetched.get(id) ?? api.get<TestFlow>(`/testflows/${id}`);
      fetched.set(id, flow);
      return flow;
    },
  };
}

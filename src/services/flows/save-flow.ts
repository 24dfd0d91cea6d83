import type { SaveFlow, TestFlow } from '../../model/flow.ts';
import { newId } from '../../model/new-id.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { GroupStore } from '../../model/ports/groups.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';
import type { SiteGlobalStore } from '../../model/ports/site-globals.ts';
import { checkFlow } from './check-flow.ts';

export interface SaveFlowPorts {
  flows: FlowStore;
  groups: GroupStore;
  plugins: PluginStore;
  siteGlobals: SiteGlobalStore;
}

/** Checks and records a new test flow. Faults: flow_invalid, input_invalid, conflict when another flow has the name. */
export async function saveFlow(ports: SaveFlowPorts, input: SaveFlow, by: string): Promise<TestFlow> {
  await checkFlow(ports, input);
  const now = new Date();
  const flow: TestFlow = { ...input, id: newId(), revision: 1, updatedBy: by, createdAt: now, updatedAt: now };
  await ports.flows.insert(flow);
  return flow;
}

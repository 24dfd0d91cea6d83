import type { SaveFlow, TestFlow } from '../model/flow.ts';
import { newId } from '../model/new-id.ts';
import type { FlowStore, PluginStore } from '../model/ports.ts';
import { checkFlow } from './check-flow.ts';

/** Checks and records a new test flow. Faults: flow_invalid, conflict when another flow has the name. */
export async function saveFlow(ports: { flows: FlowStore; plugins: PluginStore }, input: SaveFlow): Promise<TestFlow> {
  await checkFlow(ports, input);
  const now = new Date();
  const flow: TestFlow = { ...input, id: newId(), revision: 1, createdAt: now, updatedAt: now };
  await ports.flows.insert(flow);
  return flow;
}

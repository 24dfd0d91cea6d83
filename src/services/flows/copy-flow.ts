import { z } from 'zod';
import { renameGraph } from '../../language/flow/rename-graph.ts';
import { saveFlowSchema, type TestFlow } from '../../model/flow.ts';
import { requireFound } from '../../model/require-found.ts';
import { type SaveFlowPorts, saveFlow } from './save-flow.ts';

/** Body of `POST /testflows/{id}/copy`. Without a group, the copy is in the group of the original. */
export const copyFlowSchema = z.strictObject({
  name: saveFlowSchema.shape.name,
  groupId: z.string().optional(),
});

/**
 * Saves a copy of a flow under a new name, also in its YAML. Faults: not_found, flow_invalid when the plugins have
 * changed so that it cannot be saved any more, input_invalid, conflict when another flow has the name.
 */
export async function copyFlow(
  ports: SaveFlowPorts,
  id: string,
  { name, groupId }: z.infer<typeof copyFlowSchema>,
  by: string,
): Promise<TestFlow> {
  const from = requireFound(await ports.flows.get(id), `test flow ${id}`);
  const group = groupId ?? from.groupId;
  const { globalProperties, description } = from;
  const graph = renameGraph(from.graph, name);
  const copy = { name, graph, globalProperties, description, groupId: group };
  return saveFlow(ports, copy, by);
}

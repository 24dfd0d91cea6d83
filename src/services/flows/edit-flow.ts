import { isDeepStrictEqual } from 'node:util';
import { Fault } from '../../model/fault.ts';
import type { SaveFlow, TestFlow } from '../../model/flow.ts';
import { found } from '../../model/found.ts';
import { renameGraph } from '../checks/run-check.ts';
import { checkFlow } from './check-flow.ts';
import type { SaveFlowPorts } from './save-flow.ts';

/**
 * Replaces what a user may say of a flow, as its next revision; what changes nothing makes none. With `revision`, only a
 * flow that is still at it is edited. Faults: not_found, flow_invalid, input_invalid, conflict when another flow has the
 * name or somebody else has edited this one meanwhile.
 */
export async function editFlow(
  ports: SaveFlowPorts,
  id: string,
  input: SaveFlow,
  { by, revision }: { by: string; revision?: number },
): Promise<TestFlow> {
  for (;;) {
    const before = found(await ports.flows.get(id), `test flow ${id}`);
    if (revision !== undefined && revision !== before.revision) throw stale(before, revision);
    const next = await nextRevision(ports, before, input, by);
    // Who names no revision wants the last word: what came in between is edited over.
    if (next === before || (await ports.flows.replace(before, next))) return next;
  }
}

async function nextRevision(ports: SaveFlowPorts, before: TestFlow, input: SaveFlow, by: string): Promise<TestFlow> {
  const graph = await followName(before, input);
  const { name, groupId, globalProperties, description } = input;
  const wanted = { name, graph, globalProperties, description, ...(groupId !== undefined && { groupId }) };
  await checkFlow(ports, wanted);
  const { id, revision, createdAt } = before;
  const next = { ...wanted, id, revision: revision + 1, updatedBy: by, createdAt, updatedAt: new Date() };
  return same(before, next) ? before : next;
}

/** The graph's own `name:` follows a flow that is only renamed; a graph that is edited stays as its author wrote it. */
async function followName(before: TestFlow, { name, graph }: SaveFlow): Promise<string> {
  const onlyRenamed = name !== before.name && graph === before.graph;
  return onlyRenamed ? renameGraph(graph, before.name, name) : graph;
}

function same(one: TestFlow, other: TestFlow): boolean {
  const said = ({ name, groupId, graph, globalProperties, description }: TestFlow) =>
    [name, groupId, graph, globalProperties, description] as const;
  return isDeepStrictEqual(said(one), said(other));
}

function stale(now: TestFlow, revision: number): Fault {
  const message = `test flow ${now.name} is at revision ${now.revision} now, and this edit is of revision ${revision}`;
  return new Fault('conflict', message, {
    where: { path: 'revision' },
    hint: 'get the flow again, and make the change in what it is now',
  });
}

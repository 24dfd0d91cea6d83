import { isDeepStrictEqual } from 'node:util';
import { Fault } from '../../model/fault.ts';
import type { SaveFlow, TestFlow } from '../../model/flow.ts';
import { requireFound } from '../../model/require-found.ts';
import { renameGraph } from '../checks/run-check.ts';
import { checkFlow } from './check-flow.ts';
import type { SaveFlowPorts } from './save-flow.ts';

/**
 * Replaces the editable fields of a flow as its next revision, unless nothing changes. With `revision`, only edits a
 * flow that is still at it. Faults: not_found, flow_invalid, input_invalid, conflict when another flow has the name or
 * the flow is at another revision.
 */
export async function editFlow(
  ports: SaveFlowPorts,
  id: string,
  input: SaveFlow,
  { by, revision }: { by: string; revision?: number },
): Promise<TestFlow> {
  for (;;) {
    const before = requireFound(await ports.flows.get(id), `test flow ${id}`);
    if (revision !== undefined && revision !== before.revision) throw stale(before, revision);
    const next = await nextRevision(ports, before, input, by);
    // An edit without a revision overwrites concurrent edits.
    if (next === before || (await ports.flows.replace(before, next))) return next;
  }
}

async function nextRevision(ports: SaveFlowPorts, before: TestFlow, input: SaveFlow, by: string): Promise<TestFlow> {
  const graph = await followName(before, input);
  const { name, groupId, globalProperties, description } = input;
  const wanted = { name, graph, globalProperties, description, groupId };
  await checkFlow(ports, wanted);
  const { id, revision, createdAt } = before;
  const next = { ...wanted, id, revision: revision + 1, updatedBy: by, createdAt, updatedAt: new Date() };
  return isSame(before, next) ? before : next;
}

/** Returns the graph, with its own `name:` changed when the flow is only renamed; an edited graph stays as written. */
async function followName(before: TestFlow, { name, graph }: SaveFlow): Promise<string> {
  const onlyRenamed = name !== before.name && graph === before.graph;
  return onlyRenamed ? renameGraph(graph, before.name, name) : graph;
}

function isSame(one: TestFlow, other: TestFlow): boolean {
  const fieldsOf = ({ name, groupId, graph, globalProperties, description }: TestFlow) =>
    [name, groupId, graph, globalProperties, description] as const;
  return isDeepStrictEqual(fieldsOf(one), fieldsOf(other));
}

function stale(now: TestFlow, revision: number): Fault {
  const message = `test flow ${now.name} is at revision ${now.revision}, but this edit is based on revision ${revision}`;
  return new Fault('conflict', message, {
    where: { path: 'revision' },
    hint: 'get the newest revision and apply the change to it',
  });
}

import { Fault, type Issue } from '../../model/fault.ts';
import type { StepSpec, TestFlow } from '../../model/flow.ts';
import type { Plugin } from '../../model/plugin.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { readGraph } from '../checks/run-check.ts';

/** A step of a test flow or of an unsettled task that runs a plugin. */
export interface PluginUse extends Issue {
  where: { step: string };
}

/**
 * Returns the steps of test flows and unsettled tasks that cannot run without the plugins `gone`; `left` are the
 * remaining versions. A step without a version can run with any version.
 */
export async function findUses(
  ports: { flows: FlowStore; tasks: TaskStore },
  gone: readonly Plugin[],
  left: readonly Plugin[],
): Promise<PluginUse[]> {
  const uses: PluginUse[] = [];
  const needs = ({ plugin, version }: StepSpec): boolean =>
    gone.some((one) => one.name === plugin && (version === undefined || one.version === version)) &&
    (version !== undefined || !left.some((one) => one.name === plugin));
  const add = (owner: string, steps: readonly StepSpec[]): void => {
    for (const step of steps.filter(needs)) {
      const { instance, plugin, version = 'without a version' } = step;
      uses.push({ message: `${owner}: step ${instance} runs ${plugin} ${version}`, where: { step: instance } });
    }
  };
  for await (const flow of allFlows(ports.flows)) add(`test flow ${flow.name} (${flow.id})`, await stepsOf(flow));
  for (const { id } of await ports.tasks.unsettled()) add(`task ${id}`, (await ports.tasks.get(id))?.pipeline ?? []);
  return uses;
}

async function* allFlows(flows: FlowStore): AsyncGenerator<TestFlow> {
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = await flows.list({}, { limit: 200, cursor });
    for (const { id } of items) {
      const flow = await flows.get(id);
      if (flow) yield flow;
    }
    cursor = nextCursor;
  } while (cursor !== undefined);
}

async function stepsOf({ graph }: TestFlow): Promise<readonly StepSpec[]> {
  try {
    return (await readGraph(graph)).steps;
  } catch (error) {
    // A flow that cannot be read any more cannot run either.
    if (error instanceof Fault && error.code === 'flow_invalid') return [];
    throw error;
  }
}

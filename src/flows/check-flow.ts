import type { SaveFlow } from '../model/flow.ts';
import type { PluginStore } from '../model/ports.ts';
import { parseGraph } from './parse-graph.ts';
import { type ResolvedStep, validateGraph } from './validate-graph.ts';

/** Checks a flow that is to be saved, and returns its steps with their plugins. Throws `flow_invalid` with every mistake. */
export async function checkFlow(
  ports: { plugins: PluginStore },
  flow: Pick<SaveFlow, 'graph' | 'globalProperties'>,
): Promise<ResolvedStep[]> {
  const parsed = parseGraph(flow.graph);
  return validateGraph(parsed, await ports.plugins.list(), { globals: flow.globalProperties });
}

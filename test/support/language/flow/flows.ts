import { parseGraph } from '../../../../src/language/flow/parse-graph.ts';
import { type ResolvedStep, validateGraph } from '../../../../src/language/flow/validate-graph.ts';
import { Fault } from '../../../../src/model/fault.ts';
import type { Globals } from '../../../../src/model/flow.ts';
import type { Plugin } from '../../../../src/model/plugin.ts';
import { builtinPlugins } from '../../../../src/services/plugins/builtin-plugins.ts';

/** An Exec plugin `probe` v1.0.0, or what `more` makes of it. */
export function makePlugin(more: Partial<Plugin> = {}): Plugin {
  return {
    name: 'probe',
    version: 'v1.0.0',
    pluginType: 'Exec',
    form: 'executable',
    description: '',
    inputSchema: { type: 'object' },
    outputSchema: { type: 'object' },
    labels: [],
    ...more,
  };
}

/** What a flow is once it was checked against the plugins; those of the runner alone unless others are given. */
export function check(
  graph: string,
  { plugins = builtinPlugins, globals = {} }: { plugins?: readonly Plugin[]; globals?: Globals } = {},
): ResolvedStep[] {
  return validateGraph(parseGraph(graph), plugins, { globals });
}

/** The fault that an action throws. */
export function faultOf(action: () => unknown): Fault {
  try {
    action();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Every mistake of a flow that is refused, as `line:column message`. */
export function mistakesOf(action: () => unknown): string[] {
  const fault = faultOf(action);
  if (fault.code !== 'flow_invalid') throw fault;
  return fault.mistakes.map(({ message, where }) => `${where?.line}:${where?.column} ${message}`);
}

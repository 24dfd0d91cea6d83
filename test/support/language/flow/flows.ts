import { parseGraph } from '../../../../src/language/flow/parse-graph.ts';
import { type ResolvedStep, validateGraph } from '../../../../src/language/flow/validate-graph.ts';
import { Fault } from '../../../../src/model/fault.ts';
import type { Globals } from '../../../../src/model/flow.ts';
import type { Plugin } from '../../../../src/model/plugin.ts';
import { builtinPlugins } from '../../../../src/services/plugins/builtin-plugins.ts';

/** Returns an Exec plugin `probe` v1.0.0, changed by `more`. */
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

/** Parses a flow and validates it against the plugins; by default only the built-in ones. */
export function check(
  graph: string,
  { plugins = builtinPlugins, globals = {} }: { plugins?: readonly Plugin[]; globals?: Globals } = {},
): ResolvedStep[] {
  return validateGraph(parseGraph(graph), plugins, { globals });
}

/** Returns the fault that an action throws. */
export function faultOf(action: () => unknown): Fault {
  try {
    action();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Returns all issues of an invalid flow, as `line:column message`. */
export function issuesOf(action: () => unknown): string[] {
  const fault = faultOf(action);
  if (fault.code !== 'flow_invalid') throw fault;
  return fault.issues.map(({ message, where }) => `${where?.line}:${where?.column} ${message}`);
}

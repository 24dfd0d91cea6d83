import { findPlugin } from '../../language/flow/find-plugin.ts';
import { Fault } from '../../model/fault.ts';
import { printable } from '../../model/plain-text.ts';
import { isBuildable, type Plugin } from '../../model/plugin.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';
import { FlowLookup } from '../flows/flow-lookup.ts';

/** The repositories that the components of a test flow are built from, or the reason why the flow is broken. */
export type FlowComponents = { repositories: readonly string[] } | { broken: string };

/** Creates a lookup of the components of test flows, which reads each flow once and the plugins at most once. */
export function createComponentLookup(ports: {
  flows: FlowStore;
  plugins: PluginStore;
}): (flowId: string) => Promise<FlowComponents> {
  const known = new Map<string, Promise<FlowComponents>>();
  let plugins: Promise<Plugin[]> | undefined;
  const lookUp = async (flowId: string): Promise<FlowComponents> => {
    const flow = await ports.flows.get(flowId);
    if (!flow) return { broken: `its test flow ${flowId} does not exist` };
    return flowComponents(new FlowLookup(flow, { list: () => (plugins ??= ports.plugins.list()) }));
  };
  return (flowId) => {
    const components = known.get(flowId) ?? lookUp(flowId);
    known.set(flowId, components);
    return components;
  };
}

/** Returns the components of one flow. Throws `unavailable`, and the errors of its plugin store. */
export async function flowComponents(flow: FlowLookup): Promise<FlowComponents> {
  const broken = (reason: string): FlowComponents => ({ broken: `its test flow ${flow.name} is broken: ${reason}` });
  const plugins = await flow.plugins();
  try {
    const repositories = new Set<string>();
    for (const step of await flow.steps()) {
      const found = findPlugin(step, plugins);
      if ('issue' in found) return broken(`step ${step.instance}: ${found.issue.message}`);
      if (isBuildable(found.plugin)) repositories.add(found.plugin.repo);
    }
    return { repositories: [...repositories] };
  } catch (error) {
    if (error instanceof Fault && error.code === 'unavailable') throw error;
    // Any other error: one broken flow must not stop the jobs of other flows.
    return broken(printable(error instanceof Error ? error.message : String(error)));
  }
}

import type { ResolvedStep } from '../../language/flow/validate-graph.ts';
import { Fault } from '../../model/fault.ts';
import type { SaveFlow } from '../../model/flow.ts';
import type { GroupStore } from '../../model/ports/groups.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';
import type { SiteGlobalStore } from '../../model/ports/site-globals.ts';
import { checkGraph } from '../checks/run-check.ts';

/**
 * Checks a flow before it is saved, and returns its steps with their plugins. Faults: flow_invalid with all issues of
 * the graph, input_invalid when its group does not exist.
 */
export async function checkFlow(
  ports: { plugins: PluginStore; groups: GroupStore; siteGlobals: SiteGlobalStore },
  { graph, globalProperties, groupId }: Pick<SaveFlow, 'graph' | 'globalProperties' | 'groupId'>,
): Promise<ResolvedStep[]> {
  const [plugins, site] = await Promise.all([ports.plugins.list(), ports.siteGlobals.get()]);
  const { steps } = await checkGraph(graph, plugins, { ...site.globalProperties, ...globalProperties });
  if (groupId !== undefined && !(await ports.groups.get(groupId))) {
    throw new Fault('input_invalid', `group ${groupId} does not exist`, {
      where: { path: 'groupId' },
      hint: 'use the id of a group, or remove groupId',
    });
  }
  return steps;
}

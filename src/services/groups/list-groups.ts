import type { Group } from '../../model/group.ts';
import type { FlowStore, GroupStore, Page, PageRequest } from '../../model/ports/stores.ts';

/** A group with the number of its flows. */
export interface CountedGroup extends Group {
  testFlowCount: number;
}

/** One page of the groups, newest first, each with the number of its flows. Faults: invalid_request of a foreign cursor. */
export async function listGroups(
  { groups, flows }: { groups: GroupStore; flows: FlowStore },
  request: PageRequest,
): Promise<Page<CountedGroup>> {
  const { items, ...more } = await groups.list(request);
  const counts = await flows.countByGroup(items.map(({ id }) => id));
  return { items: items.map((group) => ({ ...group, testFlowCount: counts.get(group.id) ?? 0 })), ...more };
}

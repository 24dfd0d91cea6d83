import type { Group } from '../../model/group.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { GroupStore } from '../../model/ports/groups.ts';
import type { Page, PageRequest } from '../../model/ports/page.ts';

/** A group with the number of its flows. */
export interface CountedGroup extends Group {
  testFlowCount: number;
}

/**
 * Returns a page of the groups, newest first, each with the number of its flows. Faults: invalid_request for an invalid
 * cursor.
 */
export async function listGroups(
  { groups, flows }: { groups: GroupStore; flows: FlowStore },
  request: PageRequest,
): Promise<Page<CountedGroup>> {
  const { items, ...more } = await groups.list(request);
  const counts = await flows.countByGroup(items.map(({ id }) => id));
  return { items: items.map((group) => ({ ...group, testFlowCount: counts.get(group.id) ?? 0 })), ...more };
}

import type { Group, SaveGroup } from '../../model/group.ts';
import { newId } from '../../model/new-id.ts';
import type { GroupStore } from '../../model/ports/groups.ts';

/** Records a new group. Faults: conflict when another group has the name. */
export async function createGroup(groups: GroupStore, input: SaveGroup): Promise<Group> {
  const now = new Date();
  const group: Group = { ...input, id: newId(), createdAt: now, updatedAt: now };
  await groups.insert(group);
  return group;
}

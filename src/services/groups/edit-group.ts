import { found } from '../../model/found.ts';
import type { Group, SaveGroup } from '../../model/group.ts';
import type { GroupStore } from '../../model/ports/groups.ts';

/** Changes what is given of a group, its name too. Faults: not_found, conflict when another group has the name. */
export async function editGroup(groups: GroupStore, id: string, change: Partial<SaveGroup>): Promise<Group> {
  const before = found(await groups.get(id), `group ${id}`);
  const { name = before.name, description = before.description } = change;
  const group: Group = { ...before, name, description, updatedAt: new Date() };
  found((await groups.replace(group)) || undefined, `group ${id}`);
  return group;
}

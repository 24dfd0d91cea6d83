import type { Group, SaveGroup } from '../../model/group.ts';
import type { GroupStore } from '../../model/ports/groups.ts';
import { requireFound } from '../../model/require-found.ts';

/** Changes the given fields of a group. Faults: not_found, conflict when another group has the name. */
export async function editGroup(groups: GroupStore, id: string, change: Partial<SaveGroup>): Promise<Group> {
  const before = requireFound(await groups.get(id), `group ${id}`);
  const { name = before.name, description = before.description } = change;
  const group: Group = { ...before, name, description, updatedAt: new Date() };
  requireFound((await groups.replace(group)) || undefined, `group ${id}`);
  return group;
}

import { named } from '../../language/flow/named.ts';
import { Fault } from '../../model/fault.ts';
import { found } from '../../model/found.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { GroupStore } from '../../model/ports/groups.ts';

/** Deletes a group that has no flows. Faults: not_found, conflict that names the flows. */
export async function deleteGroup(
  { groups, flows }: { groups: GroupStore; flows: FlowStore },
  id: string,
): Promise<void> {
  const group = found(await groups.get(id), `group ${id}`);
  const { items } = await flows.list({ groupId: id }, { limit: 200 });
  if (items.length > 0) {
    const names = named(items.map(({ name }) => name).sort());
    throw new Fault('conflict', `group ${group.name} has the test flows ${names}`, {
      hint: 'move them to another group, or delete them',
    });
  }
  found((await groups.delete(id)) || undefined, `group ${id}`);
}

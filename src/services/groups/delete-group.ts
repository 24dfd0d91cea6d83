import { joinNames } from '../../language/flow/join-names.ts';
import { Fault } from '../../model/fault.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { GroupStore } from '../../model/ports/groups.ts';
import { requireFound } from '../../model/require-found.ts';

/** Deletes a group without flows. Faults: not_found, conflict with the names of its flows. */
export async function deleteGroup(
  { groups, flows }: { groups: GroupStore; flows: FlowStore },
  id: string,
): Promise<void> {
  const group = requireFound(await groups.get(id), `group ${id}`);
  const { items } = await flows.list({ groupId: id }, { limit: 200 });
  if (items.length > 0) {
    const names = joinNames(items.map(({ name }) => name).sort());
    throw new Fault('conflict', `group ${group.name} has the test flows ${names}`, {
      hint: 'move them to another group, or delete them',
    });
  }
  requireFound((await groups.delete(id)) || undefined, `group ${id}`);
}

import type { TaskComponent } from '../../src/model/activities.ts';
import type { ComponentImage } from '../../src/model/task.ts';

/** Returns the wanted components, locked to the commits and images of an earlier attempt where it had resolved them. */
export function lockComponents(wanted: readonly TaskComponent[], resolved: readonly ComponentImage[]): TaskComponent[] {
  const found = new Map(resolved.map((component) => [component.plugin, component]));
  return wanted.map(({ tagPattern: _pattern, ...component }) => {
    const { commit, digest } = found.get(component.plugin) ?? {};
    return commit === undefined ? component : { ...component, locked: { commit, digest } };
  });
}

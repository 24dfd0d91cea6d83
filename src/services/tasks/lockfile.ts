import { Fault } from '../../model/fault.ts';
import type { Globals } from '../../model/flow.ts';
import type { ComponentImage, Task } from '../../model/task.ts';

/** Everything needed to run a task again as it was. */
export interface Lockfile {
  taskId: string;
  testFlowId: string;
  flowRevision: number;
  globals: Globals;
  /** Each version of each plugin in the flow, once, sorted by name. */
  plugins: { plugin: string; version: string }[];
  components: LockedComponent[];
}

export type LockedComponent = Pick<ComponentImage, 'plugin' | 'repo' | 'version' | 'commit' | 'image' | 'digest'>;

/** Returns the lockfile of a task. Throws `conflict` for a task that never had steps to run. */
export function lockfileOf(task: Task): Lockfile {
  if (task.pipeline.length === 0) {
    throw new Fault('conflict', `task ${task.id} has no lockfile: its flow could not be run`);
  }
  const used = task.pipeline.map(({ plugin, version = '' }) => `${plugin} ${version}`);
  const plugins = [...new Set(used)].sort().map((one) => {
    const [plugin = '', version = ''] = one.split(' ');
    return { plugin, version };
  });
  const components = task.components
    .map(({ built: _built, build: _build, ...component }): LockedComponent => component)
    .sort((one, other) => (one.plugin < other.plugin ? -1 : 1));
  const { id: taskId, testFlowId, flowRevision, globals } = task;
  return { taskId, testFlowId, flowRevision, globals, plugins, components };
}

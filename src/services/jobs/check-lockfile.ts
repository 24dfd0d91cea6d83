import { Fault } from '../../model/fault.ts';
import type { Job, Versions } from '../../model/job.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { requireFound } from '../../model/require-found.ts';
import { neededPlugins } from '../tasks/components-of.ts';
import { checkVersionsOf } from './check-versions.ts';

/**
 * Checks that a job can run the lockfile of a task with these versions in place of the locked ones. Throws `not_found`,
 * `input_invalid` when the task belongs to another job or its lockfile lacks commits, and the faults of checkVersions.
 */
export async function checkLockfile(
  { tasks, plugins }: { tasks: TaskStore; plugins: PluginStore },
  job: Job,
  taskId: string,
  versions: Versions,
): Promise<void> {
  const task = requireFound(await tasks.get(taskId), `task ${taskId}`);
  const where = { path: 'lockfileOf' };
  if (task.jobId !== job.id) {
    throw new Fault('input_invalid', `task ${taskId} does not belong to job ${job.name}`, {
      where,
      hint: `run job ${task.jobId}`,
    });
  }
  if (task.pipeline.length === 0) {
    throw new Fault('input_invalid', `task ${taskId} has no lockfile: its flow could not be run`, { where });
  }
  const known = await plugins.list();
  const missing = neededPlugins(task.pipeline, known).filter(
    ({ name }) => versions[name] === undefined && !task.components.some(({ plugin }) => plugin === name),
  );
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ');
    throw new Fault('input_invalid', `the lockfile of task ${taskId} has no commit for ${names}`, {
      where,
      hint: 'set versions for these plugins, or use a task that got further',
    });
  }
  checkVersionsOf(versions, { name: `the flow of task ${taskId}`, steps: task.pipeline }, known);
}

import type { TaskInput } from '../../model/activities.ts';
import type { Job } from '../../model/job.ts';
import type { Plugin } from '../../model/plugin.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { SiteGlobalStore } from '../../model/ports/site-globals.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { requireFound } from '../../model/require-found.ts';
import type { Task } from '../../model/task.ts';
import { newTask } from './new-task.ts';

/**
 * Returns the record of an accepted task that its workflow has just claimed. A task recorded without a pipeline (its flow
 * could not be run then) gets the current pipeline. Faults: not_found.
 */
export async function claimTask(
  ports: { flows: FlowStore; tasks: TaskStore; siteGlobals: SiteGlobalStore },
  known: { job: Job; plugins: readonly Plugin[] },
  input: TaskInput,
  run: { workflowId: string; runId: string },
): Promise<{ task: Task; fault?: unknown }> {
  const id = `${input.jobId}-${input.number}`;
  const { tasks } = ports;
  const task = requireFound(await tasks.get(id), `task ${id}`);
  if (task.pipeline.length > 0) return { task };
  const { task: wanted, fault } = await newTask(ports, known, input, run);
  if (fault !== undefined) return { task, fault };
  const { testFlowId, flowRevision, pipeline, steps, globals, versions, lockfileOf } = wanted;
  const snapshot = { testFlowId, flowRevision, pipeline, globals, versions, lockfileOf };
  await tasks.fill(id, snapshot);
  return { task: { ...task, ...snapshot, steps } };
}

import type { OpenTaskInput, TaskPlan } from '../../model/activities.ts';
import type { TaskRetry } from '../../model/attempt.ts';
import { found } from '../../model/found.ts';
import type { Job } from '../../model/job.ts';
import type { Plugin } from '../../model/plugin.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { componentsOf, lockedComponents } from './components-of.ts';
import { planOf } from './task-plan.ts';

/**
 * A settled task begins again under another Temporal run, with its flow, globals and plugins as they were: it loses what it
 * ended with, and keeps its attempts. Repeated, it returns the same. Faults: not_found.
 */
export async function reopenTask(
  { tasks }: { tasks: TaskStore },
  { job, plugins, retry }: { job: Job; plugins: readonly Plugin[]; retry: TaskRetry },
  input: OpenTaskInput,
  { runId }: { runId: string },
): Promise<TaskPlan> {
  const id = `${job.id}-${input.number}`;
  const before = found(await tasks.get(id), `task ${id}`);
  if (before.runId !== runId) {
    const gone = {
      buildingAt: null,
      createdAt: null,
      runningAt: null,
      heldAt: null,
      cleaningAt: null,
      settledAt: null,
    };
    const ended = { outcome: null, error: null, stop: null, heldUntil: null, podName: null } as const;
    const patch = {
      ...ended,
      state: 'init' as const,
      reason: input.waitsFor ?? null,
      attempt: Math.max(retry.attempt, before.attempt + 1),
      steps: [],
      debts: [],
      times: { ...gone, startedAt: new Date() },
    };
    await tasks.project(id, { runId, epoch: 0 }, patch, { takeOver: true });
  }
  const task = found(await tasks.get(id), `task ${id}`);
  const { versions } = task;
  const again: OpenTaskInput = { ...input, run: { ...input.run, versions } };
  const components =
    retry.versions === 'locked'
      ? lockedComponents(task, plugins, {})
      : componentsOf(task.pipeline, { ...job, versions: {} }, again, plugins);
  return { ...planOf(task, job, input, components), attempt: task.attempt };
}

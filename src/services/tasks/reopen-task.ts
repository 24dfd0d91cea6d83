import type { OpenTaskInput, TaskPlan } from '../../model/activities.ts';
import type { TaskRetry } from '../../model/attempt.ts';
import type { Job } from '../../model/job.ts';
import type { Plugin } from '../../model/plugin.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { requireFound } from '../../model/require-found.ts';
import { componentsOf, lockedComponents } from './components-of.ts';
import { createTaskPlan } from './task-plan.ts';

/**
 * Reopens a settled task under another Temporal run, with its flow, globals and plugins as they were. Clears its result and
 * keeps its attempts. Idempotent. Faults: not_found.
 */
export async function reopenTask(
  { tasks }: { tasks: TaskStore },
  { job, plugins, retry }: { job: Job; plugins: readonly Plugin[]; retry: TaskRetry },
  input: OpenTaskInput,
  { runId }: { runId: string },
): Promise<TaskPlan> {
  const id = `${job.id}-${input.number}`;
  const before = requireFound(await tasks.get(id), `task ${id}`);
  if (before.runId !== runId) {
    const clearedTimes = {
      buildingAt: null,
      createdAt: null,
      runningAt: null,
      heldAt: null,
      cleaningAt: null,
      settledAt: null,
    };
    const clearedResult = { outcome: null, error: null, stop: null, heldUntil: null, podName: null } as const;
    const patch = {
      ...clearedResult,
      state: 'init' as const,
      reason: input.waitsFor ?? null,
      attempt: Math.max(retry.attempt, before.attempt + 1),
      steps: [],
      debts: [],
      times: { ...clearedTimes, startedAt: new Date() },
    };
    await tasks.project(id, { runId, epoch: 0 }, patch, { takeOver: true });
  }
  const task = requireFound(await tasks.get(id), `task ${id}`);
  const { versions } = task;
  const retryInput: OpenTaskInput = { ...input, run: { ...input.run, versions } };
  const components =
    retry.versions === 'locked'
      ? lockedComponents(task, plugins, {})
      : componentsOf(task.pipeline, { ...job, versions: {} }, retryInput, plugins);
  return { ...createTaskPlan(task, job, input, components), attempt: task.attempt };
}

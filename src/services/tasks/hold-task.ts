import { Fault } from '../../model/fault.ts';
import { parseHold } from '../../model/hold.ts';
import type { TaskSteering } from '../../model/ports/orchestrator.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { requireFound } from '../../model/require-found.ts';
import type { Task } from '../../model/task.ts';
import { isFinal } from '../../model/task-state.ts';
import { awaitRecord } from './await-record.ts';

export interface SteerPorts {
  tasks: TaskStore;
  steering: TaskSteering;
}

/**
 * Keeps the environment of a held task for the given time from now on; a longer hold stays unchanged.
 * Faults: not_found, input_invalid, conflict when it is not held, unavailable.
 */
export async function holdTask(
  { tasks, steering }: SteerPorts,
  taskId: string,
  { text, key }: { text: string; key?: string },
): Promise<{ heldUntil: string }> {
  const forMs = parseHold(text);
  if (!forMs) {
    throw new Fault('input_invalid', `"${text}" is not a valid duration`, {
      where: { path: 'for' },
      hint: 'use a duration like 30m; to end the hold, release the task',
    });
  }
  await requireHeld(tasks, taskId, key);
  const answer = await steering.hold(taskId, { forMs }, key);
  const until = Date.parse(answer.heldUntil);
  await awaitRecord(
    tasks,
    taskId,
    ({ state, heldUntil }) => state !== 'held' || (heldUntil?.getTime() ?? until) >= until,
  );
  return answer;
}

/** Ends the hold of a task: it is cleaned up and settles as the failure that it was. Faults: not_found, conflict, unavailable. */
export async function releaseTask({ tasks, steering }: SteerPorts, taskId: string, key?: string): Promise<void> {
  await requireHeld(tasks, taskId, key);
  await steering.release(taskId, key);
  await awaitRecord(tasks, taskId, ({ state, heldUntil }) => state !== 'held' || heldUntil === undefined);
}

/**
 * Returns the task. Throws `conflict` with a hint when it is not held. A request with a key may repeat an answered one: the
 * task's workflow decides.
 */
export async function requireHeld(tasks: TaskStore, taskId: string, key: string | undefined): Promise<Task> {
  const task = requireFound(await tasks.get(taskId), `task ${taskId}`);
  if (task.state === 'held' || (key !== undefined && !isFinal(task.state))) return task;
  const { state, outcome } = task;
  const what = state === 'error' && outcome ? `${state} (${outcome})` : state;
  const again = isFinal(state) ? 'retry it with {"from": "start"}; ' : '';
  throw new Fault('conflict', `task ${taskId} is not held: it is ${what}`, {
    hint: `${again}policy.holdOnFailure of a job keeps the environment of a failed test`,
  });
}

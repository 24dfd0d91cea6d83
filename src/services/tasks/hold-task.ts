import { Fault } from '../../model/fault.ts';
import { found } from '../../model/found.ts';
import { holdMs } from '../../model/hold.ts';
import type { TaskSteering } from '../../model/ports/orchestrator.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import type { Task } from '../../model/task.ts';
import { isFinal } from '../../model/task-state.ts';
import { awaitRecord } from './await-record.ts';

export interface SteerPorts {
  tasks: TaskStore;
  steering: TaskSteering;
}

/**
 * Keeps the environment of a held task for so long from now on; one that is kept for longer already stays so.
 * Faults: not_found, input_invalid, conflict when it is not held, unavailable.
 */
export async function holdTask(
  { tasks, steering }: SteerPorts,
  taskId: string,
  { text, key }: { text: string; key?: string },
): Promise<{ heldUntil: string }> {
  const forMs = holdMs(text);
  if (!forMs) {
    throw new Fault('input_invalid', `"${text}" is no time to hold it for`, {
      where: { path: 'for' },
      hint: 'give a duration like 30m; to end the hold, release it',
    });
  }
  await assertHeld(tasks, taskId, key);
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
  await assertHeld(tasks, taskId, key);
  await steering.release(taskId, key);
  await awaitRecord(tasks, taskId, ({ state, heldUntil }) => state !== 'held' || heldUntil === undefined);
}

/**
 * Throws `conflict` with what to do for a task that is not held. A request with a key may be one that was answered before:
 * that is for the task's workflow to say.
 */
export async function assertHeld(tasks: TaskStore, taskId: string, key: string | undefined): Promise<Task> {
  const task = found(await tasks.get(taskId), `task ${taskId}`);
  if (task.state === 'held' || (key !== undefined && !isFinal(task.state))) return task;
  const { state, outcome } = task;
  const what = state === 'error' && outcome ? `${state} (${outcome})` : state;
  const again = isFinal(state) ? 'retry it with {"from": "start"}; ' : '';
  throw new Fault('conflict', `task ${taskId} is not held: it is ${what}`, {
    hint: `${again}policy.holdOnFailure of a job keeps the environment of a test that has failed`,
  });
}

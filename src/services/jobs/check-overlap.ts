import { Fault } from '../../model/fault.ts';
import type { Job } from '../../model/job.ts';
import type { TaskStore, TaskSummary } from '../../model/ports/tasks.ts';

/**
 * Throws `conflict` with the blocking task when the job's overlap policy refuses a run because of the tasks on record.
 * `self` is the task to run: a recorded one yields to tasks that Temporal has taken and to tasks with a lower number.
 */
export async function assertOverlapAllowed(tasks: TaskStore, job: Job, self: string | undefined): Promise<void> {
  const { overlap } = job.policy;
  if (overlap !== 'skip' && overlap !== 'buffer_one') return;
  const unsettled = await tasks.unsettled(job.id);
  const own = unsettled.find(({ id }) => id === self);
  // A held task does not block others.
  const others = unsettled
    .filter(({ id, state }) => id !== self && state !== 'held')
    .filter((other) => own === undefined || other.queuedAt === undefined || other.number < own.number)
    .sort((one, other) => one.number - other.number);
  const waiting = others.filter(isWaiting);
  const [first] = others;
  if (overlap === 'skip' && first) refuse(first, `${first.id} is running, and the overlap policy is skip`);
  const next = waiting.at(-1);
  if (overlap === 'buffer_one' && next && others.length > 1) {
    refuse(next, `${next.id} is already waiting, and the overlap policy is buffer_one`);
  }
}

function isWaiting({ state, reason, queuedAt }: TaskSummary): boolean {
  return queuedAt !== undefined || (state === 'init' && reason !== undefined);
}

function refuse({ id }: TaskSummary, reason: string): never {
  throw new Fault('conflict', `task ${id} blocks this run: ${reason}`, {
    hint: `wait until task ${id} has ended, or stop it with POST /tasks/${id}/stop`,
  });
}

import { Fault } from '../../model/fault.ts';
import type { Job } from '../../model/job.ts';
import type { TaskStore, TaskSummary } from '../../model/ports/tasks.ts';

/**
 * Throws `conflict`, with the task in the way, where the job's overlap policy refuses a run by what is on record. `self` is the
 * task that is to run: one that is recorded gives way to those that Temporal has taken, and to those with a lower number.
 */
export async function assertNothingInTheWay(tasks: TaskStore, job: Job, self: string | undefined): Promise<void> {
  const { overlap } = job.policy;
  if (overlap !== 'skip' && overlap !== 'buffer_one') return;
  const unsettled = await tasks.unsettled(job.id);
  const own = unsettled.find(({ id }) => id === self);
  // The environment of a held task keeps no other from running.
  const others = unsettled
    .filter(({ id, state }) => id !== self && state !== 'held')
    .filter((other) => own === undefined || other.queuedAt === undefined || other.number < own.number)
    .sort((one, other) => one.number - other.number);
  const waiting = others.filter(isWaiting);
  const [first] = others;
  if (overlap === 'skip' && first) refuse(first, `${first.id} runs, and the policy is to skip`);
  const next = waiting.at(-1);
  if (overlap === 'buffer_one' && next && others.length > 1) {
    refuse(next, `${next.id} waits already, and the policy is to buffer one`);
  }
}

function isWaiting({ state, reason, queuedAt }: TaskSummary): boolean {
  return queuedAt !== undefined || (state === 'init' && reason !== undefined);
}

function refuse({ id }: TaskSummary, reason: string): never {
  throw new Fault('conflict', `task ${id} is in the way: ${reason}`, {
    hint: `wait until task ${id} has ended, or stop it with POST /tasks/${id}/stop`,
  });
}

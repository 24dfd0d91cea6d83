import { ApplicationFailure, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import type { BuildEnd } from '../../src/model/build.ts';
import type { FaultReport } from '../../src/model/fault.ts';
import type { StepProgress } from '../../src/model/step.ts';
import { type HoldRequest, type RetryRequest, taskMessages } from '../../src/model/task-messages.ts';
import type { EventTrigger } from '../../src/model/trigger.ts';
import { holdMistake, retryMistake } from './message-mistakes.ts';
import type { TaskRun } from './task-run.ts';

/** The follower's report of the steps, at most one a second. */
const stepsSignal = defineSignal<[StepProgress[]]>(taskMessages.steps);
/** The job's entity: what else this task is for, while it waits, and that it may begin. */
const joinSignal = defineSignal<[EventTrigger]>(taskMessages.join);
const proceedSignal = defineSignal(taskMessages.proceed);
/** A build that this task has joined: how it ended. */
const builtSignal = defineSignal<[BuildEnd]>(taskMessages.built);
/** What people ask of a held task; refused while it is not held. */
const holdUpdate = defineUpdate<{ heldUntil: string }, [HoldRequest]>(taskMessages.hold);
const releaseUpdate = defineUpdate<void, []>(taskMessages.release);
const retryUpdate = defineUpdate<{ attempt: number }, [RetryRequest]>(taskMessages.retry);

/** Has the messages of a task change its run. */
export function listen(run: TaskRun): void {
  setHandler(stepsSignal, (steps) => run.report(steps));
  setHandler(joinSignal, (event) => run.join(event));
  setHandler(proceedSignal, () => {
    run.mayBegin = true;
  });
  setHandler(builtSignal, (end) => {
    run.builds.set(end.buildId, end);
  });
  setHandler(
    holdUpdate,
    ({ forMs }) => {
      run.heldUntil = Math.max(run.heldUntil ?? 0, Date.now() + forMs);
      return { heldUntil: new Date(run.heldUntil).toISOString() };
    },
    { validator: (request) => refuseUnlessHeld(run, holdMistake(request)) },
  );
  setHandler(
    releaseUpdate,
    () => {
      run.answer = 'release';
    },
    { validator: () => refuseUnlessHeld(run) },
  );
  setHandler(
    retryUpdate,
    (request) => {
      run.answer = request;
      return { attempt: run.attempt + 1 };
    },
    { validator: (request) => refuseUnlessHeld(run, retryMistake(request)) },
  );
}

function refuseUnlessHeld({ isHeld, taskId, state }: TaskRun, mistake?: string): void {
  const why = state === 'held' ? 'is being released or retried already' : `is not held: it is ${state}`;
  if (!isHeld) refuse({ code: 'conflict', message: `task ${taskId} ${why}` });
  if (mistake !== undefined) refuse({ code: 'input_invalid', message: mistake });
}

function refuse(report: FaultReport): never {
  throw ApplicationFailure.nonRetryable(report.message, report.code, report);
}

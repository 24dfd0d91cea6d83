import { ApplicationFailure, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import type { BuildEnd } from '../../src/model/build.ts';
import type { FaultReport } from '../../src/model/fault.ts';
import type { StepProgress } from '../../src/model/step.ts';
import { type HoldRequest, type RetryRequest, taskMessages } from '../../src/model/task-messages.ts';
import type { EventTrigger } from '../../src/model/trigger.ts';
import { findHoldIssue, findRetryIssue } from './message-issues.ts';
import type { TaskRun } from './task-run.ts';

/** The follower reports the steps, at most once a second. */
const stepsSignal = defineSignal<[StepProgress[]]>(taskMessages.steps);
/** The job's entity adds an event to a waiting task, and lets it begin. */
const joinSignal = defineSignal<[EventTrigger]>(taskMessages.join);
const proceedSignal = defineSignal(taskMessages.proceed);
/** A build that this task has joined reports its end. */
const builtSignal = defineSignal<[BuildEnd]>(taskMessages.built);
/** Requests of users to a held task; refused while it is not held. */
const holdUpdate = defineUpdate<{ heldUntil: string }, [HoldRequest]>(taskMessages.hold);
const releaseUpdate = defineUpdate<void, []>(taskMessages.release);
const retryUpdate = defineUpdate<{ attempt: number }, [RetryRequest]>(taskMessages.retry);

/** Registers the handlers of the task's messages, which change its run. */
export function registerHandlers(run: TaskRun): void {
  setHandler(stepsSignal, (steps) => run.reportSteps(steps));
  setHandler(joinSignal, (event) => run.addEvent(event));
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
    { validator: (request) => refuseUnlessHeld(run, findHoldIssue(request)) },
  );
  setHandler(
    releaseUpdate,
    () => {
      run.holdDecision = 'release';
    },
    { validator: () => refuseUnlessHeld(run) },
  );
  setHandler(
    retryUpdate,
    (request) => {
      run.holdDecision = request;
      return { attempt: run.attempt + 1 };
    },
    { validator: (request) => refuseUnlessHeld(run, findRetryIssue(request)) },
  );
}

function refuseUnlessHeld({ isHeld, taskId, state }: TaskRun, issue?: string): void {
  const reason = state === 'held' ? 'is already being released or retried' : `is not held: it is ${state}`;
  if (!isHeld) refuse({ code: 'conflict', message: `task ${taskId} ${reason}` });
  if (issue !== undefined) refuse({ code: 'input_invalid', message: issue });
}

function refuse(report: FaultReport): never {
  throw ApplicationFailure.nonRetryable(report.message, report.code, report);
}

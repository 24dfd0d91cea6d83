import { createHash } from 'node:crypto';
import { activityInfo, type Context, getClient } from '@temporalio/activity';
import type { AttemptInput, FollowRunnerInput, RunnerActivities, RunnerEnd } from '../src/model/activities.ts';
import type { RunIdentity } from '../src/model/run.ts';
import type { StepProgress } from '../src/model/step.ts';
import { summarizeSteps } from '../src/model/step-summary.ts';
import { taskMessages } from '../src/model/task-messages.ts';
import { collectHeldLogs } from '../src/services/runs/collect-held-logs.ts';
import { type SuperviseRunPorts, superviseRun } from '../src/services/runs/supervise-run.ts';
import { maskOf, maskOfTask } from '../src/services/secrets/mask-of-task.ts';
import { type CreateRunnerPorts, createRunner } from '../src/services/tasks/create-runner.ts';
import { drainLogs } from '../src/services/tasks/drain-logs.ts';
import { recordWaits, retryWhileEngineUnavailable } from '../src/services/tasks/record-waits.ts';
import type { WaitPorts } from '../src/services/tasks/wait-recorder.ts';
import { createAwaitTask } from './await-task.ts';
import { currentExecution, isCurrent } from './execution.ts';
import { createThrottle } from './throttle.ts';
import { withHeartbeat } from './with-heartbeat.ts';

/** Creates the activities on the runner of an attempt: create it, follow it to its end, and collect its logs. */
export function createRunnerActivities(
  ports: CreateRunnerPorts & Omit<SuperviseRunPorts, 'mask'> & WaitPorts & { installation: string },
): RunnerActivities {
  const { installation } = ports;
  const identity = ({ taskId, testId, attempt }: AttemptInput): RunIdentity => {
    return { taskId, testId, attempt, installation, ...currentExecution() };
  };
  return {
    createRunner: (input) =>
      withHeartbeat((context) => {
        const run = identity(input);
        return recordWaits(ports, waitsOf(run), context.cancellationSignal, (onWaits, signal) =>
          retryWhileEngineUnavailable({ onWaits, ping: ports.runtime.ping }, signal, () =>
            createRunner(ports, { ...input, run, mark: markOf(run), onWaits }, signal),
          ),
        );
      }),

    awaitTask: createAwaitTask(ports),

    drainLogs: (lost) =>
      withHeartbeat(async ({ cancellationSignal: signal }) => {
        const { taskId, testId, attempt, workflowId, runId } = lost;
        const run = { taskId, testId, attempt, workflowId, runId, installation };
        const mark = markOf(run);
        const mask = await maskOfTask(ports, taskId);
        await drainLogs({ ...ports, mask }, { run, mark, signal });
        return [];
      }),

    followHeld: (input) =>
      withHeartbeat(async (context) => {
        const { stop, detach } = splitCancellation(context);
        const mask = await maskOfTask(ports, input.taskId);
        await collectHeldLogs({ ...ports, mask, run: identity(input), stopSignal: stop, signal: detach });
      }),

    followRunner: (input) => {
      let steps: StepProgress[] = [];
      // Temporal's Web UI shows the newest heartbeat of an activity that runs.
      const details = () => summarizeSteps(steps);
      return withHeartbeat(async (context) => {
        const { stop, detach } = splitCancellation(context);
        const run = identity(input);
        const mark = markOf(run);
        const report = createStepReporter(input);
        try {
          const task = await ports.tasks.get(input.taskId);
          const mask = await maskOf(ports, task);
          const order = (task?.pipeline ?? []).map(({ instance }) => instance);
          const end = await recordWaits(ports, waitsOf(run), detach, (onWaits, signal) =>
            superviseRun({
              ...ports,
              mask,
              run,
              runner: input.runner,
              mark,
              writer: writerOf(input),
              isCurrent,
              order,
              onProgress(now) {
                steps = now;
                report.offer(now);
              },
              onWaits,
              stopSignal: stop,
              signal,
            }),
          );
          return input.epoch === undefined ? withSteps(end, steps) : end;
        } finally {
          report.close();
        }
      }, details);
    },
  };
}

/** Returns the run for the record of its waits; `isFirst` means that no earlier try can have recorded any. */
function waitsOf(run: RunIdentity): { run: RunIdentity; isFirst: boolean } {
  return { run, isFirst: run.attempt === 1 && activityInfo().attempt === 1 };
}

/**
 * Creates a reporter of steps to a workflow of an earlier release, which keeps them itself; does nothing for others.
 */
function createStepReporter({ epoch }: FollowRunnerInput): ReturnType<typeof createThrottle<StepProgress[]>> {
  if (epoch !== undefined) return { offer: () => undefined, close: () => undefined };
  const { workflowId, runId } = currentExecution();
  const workflow = getClient().workflow.getHandle(workflowId, runId);
  return createThrottle<StepProgress[]>(1000, (steps) => workflow.signal(taskMessages.steps, steps));
}

/** Replaces the summary by all steps, for a workflow of an earlier release. */
function withSteps({ summary: _summary, ...end }: RunnerEnd, steps: StepProgress[]): RunnerEnd {
  return { ...end, steps };
}

/**
 * Returns the writer of a follower. Without an epoch, as in earlier releases, followers are ordered by their schedule
 * time.
 */
function writerOf({ epoch }: FollowRunnerInput): { epoch: number; try: number } {
  const { attempt, scheduledTimestampMs } = activityInfo();
  return { epoch: epoch ?? Math.floor(scheduledTimestampMs / 1000), try: attempt };
}

/** Returns the mark of an attempt, the same for every try of an activity. Not a secret, as markers are signed. */
function markOf({ runId, attempt }: Pick<RunIdentity, 'runId' | 'attempt'>): string {
  return createHash('sha256').update(`${runId}/${attempt}`).digest('hex').slice(0, 16);
}

/** Splits the cancellation signal: `stop` when the task is stopped, `detach` when only this worker stops following. */
function splitCancellation(context: Context): { stop: AbortSignal; detach: AbortSignal } {
  const stop = new AbortController();
  const detach = new AbortController();
  context.cancellationSignal.addEventListener('abort', () => {
    const target = context.cancellationDetails?.cancelRequested ? stop : detach;
    target.abort(context.cancellationSignal.reason);
  });
  return { stop: stop.signal, detach: detach.signal };
}

import { createHash } from 'node:crypto';
import { activityInfo, type Context, getClient } from '@temporalio/activity';
import type { AttemptInput, FollowRunnerInput, RunnerActivities, RunnerEnd } from '../src/model/activities.ts';
import type { RunIdentity } from '../src/model/run.ts';
import type { StepProgress } from '../src/model/step.ts';
import { sumUp } from '../src/model/step-summary.ts';
import { taskMessages } from '../src/model/task-messages.ts';
import { type FollowPorts, follow } from '../src/services/runs/follow.ts';
import { followHeld } from '../src/services/runs/follow-held.ts';
import { maskOf, maskOfTask } from '../src/services/secrets/mask-of-task.ts';
import { type CreateRunnerPorts, createRunner } from '../src/services/tasks/create-runner.ts';
import { drainLogs } from '../src/services/tasks/drain-logs.ts';
import { recordWaits, whileEngineAway } from '../src/services/tasks/record-waits.ts';
import type { WaitPorts } from '../src/services/tasks/wait-recorder.ts';
import { alive } from './alive.ts';
import { createAwaitTask } from './await-task.ts';
import { execution, isCurrent } from './execution.ts';
import { throttled } from './throttled.ts';

/** Activities on the runner of an attempt: create it, and follow it to its end. */
export function createRunnerActivities(
  ports: CreateRunnerPorts & Omit<FollowPorts, 'mask'> & WaitPorts & { installation: string },
): RunnerActivities {
  const { installation } = ports;
  const identity = ({ taskId, testId, attempt }: AttemptInput): RunIdentity => {
    return { taskId, testId, attempt, installation, ...execution() };
  };
  return {
    createRunner: (input) =>
      alive((context) => {
        const run = identity(input);
        return recordWaits(ports, waitsOf(run), context.cancellationSignal, (onWaits, signal) =>
          whileEngineAway({ onWaits, ping: ports.runtime.ping }, signal, () =>
            createRunner(ports, { ...input, run, mark: markOf(run), onWaits }, signal),
          ),
        );
      }),

    awaitTask: createAwaitTask(ports),

    drainLogs: (lost) =>
      alive(async ({ cancellationSignal: signal }) => {
        const { taskId, testId, attempt, workflowId, runId } = lost;
        const run = { taskId, testId, attempt, workflowId, runId, installation };
        const mark = markOf(run);
        const mask = await maskOfTask(ports, taskId);
        await drainLogs({ ...ports, mask }, { run, mark, signal });
        return [];
      }),

    followHeld: (input) =>
      alive(async (context) => {
        const { stop, detach } = endings(context);
        const mask = await maskOfTask(ports, input.taskId);
        await followHeld({ ...ports, mask, run: identity(input), stopSignal: stop, signal: detach });
      }),

    followRunner: (input) => {
      let steps: StepProgress[] = [];
      // Temporal's Web UI shows the newest heartbeat of an activity that runs.
      const details = () => sumUp(steps);
      return alive(async (context) => {
        const { stop, detach } = endings(context);
        const run = identity(input);
        const mark = markOf(run);
        const report = reporter(input);
        try {
          const task = await ports.tasks.get(input.taskId);
          const mask = await maskOf(ports, task);
          const order = (task?.pipeline ?? []).map(({ instance }) => instance);
          const end = await recordWaits(ports, waitsOf(run), detach, (onWaits, signal) =>
            follow({
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
          return input.epoch === undefined ? unsummed(end, steps) : end;
        } finally {
          report.close();
        }
      }, details);
    },
  };
}

/** What a run waits for is on record before only where something of it was tried before. */
function waitsOf(run: RunIdentity): { run: RunIdentity; isFirst: boolean } {
  return { run, isFirst: run.attempt === 1 && activityInfo().attempt === 1 };
}

/** Reports the steps to a workflow that an earlier release has begun, which keeps them itself; others hear of the end only. */
function reporter({ epoch }: FollowRunnerInput): ReturnType<typeof throttled<StepProgress[]>> {
  if (epoch !== undefined) return { offer: () => undefined, close: () => undefined };
  const { workflowId, runId } = execution();
  const workflow = getClient().workflow.getHandle(workflowId, runId);
  return throttled<StepProgress[]>(1000, (steps) => workflow.signal(taskMessages.steps, steps));
}

function unsummed({ summary: _summary, ...end }: RunnerEnd, steps: StepProgress[]): RunnerEnd {
  return { ...end, steps };
}

/** A workflow that counts no epochs for its followers has them in the order in which they were scheduled. */
function writerOf({ epoch }: FollowRunnerInput): { epoch: number; try: number } {
  const { attempt, scheduledTimestampMs } = activityInfo();
  return { epoch: epoch ?? Math.floor(scheduledTimestampMs / 1000), try: attempt };
}

/** The same for every try of an activity, and unlike any other attempt's. It is no secret: markers are signed. */
function markOf({ runId, attempt }: Pick<RunIdentity, 'runId' | 'attempt'>): string {
  return createHash('sha256').update(`${runId}/${attempt}`).digest('hex').slice(0, 16);
}

/** Tells a stop of the task, after which the runner ends first, from a worker that only has to let go of it. */
function endings(context: Context): { stop: AbortSignal; detach: AbortSignal } {
  const stop = new AbortController();
  const detach = new AbortController();
  context.cancellationSignal.addEventListener('abort', () => {
    const target = context.cancellationDetails?.cancelRequested ? stop : detach;
    target.abort(context.cancellationSignal.reason);
  });
  return { stop: stop.signal, detach: detach.signal };
}

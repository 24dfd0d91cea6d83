import { Alarm } from '../../model/engine/alarm.ts';
import type { ContainerState } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import { annotationNames, labelNames, type RunIdentity, runnerName } from '../../model/run.ts';
import type { OnWaits } from '../../model/waiting.ts';
import { apiFault } from './api-errors.ts';
import type { Cluster } from './cluster.ts';
import { containerStates } from './container-states.ts';
import { followPods } from './follow-pods.ts';
import { isOfAttempt, isRunner } from './identity.ts';
import { PendingPods } from './pending-fault.ts';
import type { Pod } from './pod.ts';

/** Milliseconds between two looks at a runner that waits, whose limits may be over without an event. */
const look = 1000;

/** See Runtime.watch. Level-triggered: what is shown is the difference between two states of the pods. */
export async function* watch(
  cluster: Cluster,
  run: RunIdentity,
  signal: AbortSignal,
  onWaits?: OnWaits,
): AsyncIterable<ContainerState> {
  const doing = `watching the pods of task ${run.taskId}`;
  const over = new AbortController();
  const ended = AbortSignal.any([signal, over.signal]);
  const alarm = new Alarm();
  const pods = new Map<string, Pod>();
  const shown = new Map<string, string>();
  const pending = new PendingPods(cluster);
  let listed = false;
  let isAway = false;
  const changed = (): void => {
    listed = true;
    isAway = false;
    alarm.ring();
  };
  const onAway = (error: unknown): void => {
    isAway = true;
    onWaits?.([{ reason: 'engine_unavailable', message: error instanceof Error ? error.message : String(error) }]);
  };
  let failure: { error: unknown } | undefined;
  const query = { labelSelector: `${labelNames.testId}=${run.testId}`, doing };
  const following = followPods({ ...cluster, onAway }, query, pods, changed, ended).catch((error: unknown) => {
    failure = { error };
    alarm.ring();
  });
  try {
    while (!signal.aborted) {
      if (failure) throw failure.error;
      if (listed) {
        const own = [...pods.values()].filter(({ metadata }) => isOfAttempt(metadata, run));
        const runner = runnerOf(own, run);
        for (const state of own.flatMap(containerStates)) {
          const text = JSON.stringify(state);
          if (shown.get(state.streamId) === text) continue;
          shown.set(state.streamId, text);
          yield state;
        }
        if (onWaits && !isAway) onWaits(await pending.waits(own, runner, ended));
        await pending.check(runner, ended);
      }
      await alarm.wait(look, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw apiFault(error, doing);
  } finally {
    over.abort();
    await following;
  }
}

function runnerOf(pods: readonly Pod[], run: RunIdentity): Pod {
  const name = runnerName(run);
  const runner = pods.find(
    ({ metadata }) =>
      metadata.name === name && isRunner(metadata) && metadata.annotations[annotationNames.run] === run.runId,
  );
  if (runner) return runner;
  throw new Fault('runner_vanished', `the pod ${name} of task ${run.taskId} does not exist any more`, {
    hint: 'somebody else has deleted it; the audit log of the cluster tells who',
  });
}

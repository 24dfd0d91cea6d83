import { AutoResetEvent } from '../../model/engine/auto-reset-event.ts';
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

/** Interval of checks of a waiting runner, whose time limits may expire without an event. */
const pollIntervalMs = 1000;

/** Implements Runtime.watch. Level-triggered: it yields the differences between two states of the pods. */
export async function* watch(
  cluster: Cluster,
  run: RunIdentity,
  signal: AbortSignal,
  onWaits?: OnWaits,
): AsyncIterable<ContainerState> {
  const action = `watching the pods of task ${run.taskId}`;
  const over = new AbortController();
  const ended = AbortSignal.any([signal, over.signal]);
  const changed = new AutoResetEvent();
  const pods = new Map<string, Pod>();
  const shown = new Map<string, string>();
  const pending = new PendingPods(cluster);
  let isListed = false;
  let isAway = false;
  const onChange = (): void => {
    isListed = true;
    isAway = false;
    changed.set();
  };
  const onUnreachable = (error: unknown): void => {
    isAway = true;
    onWaits?.([{ reason: 'engine_unavailable', message: error instanceof Error ? error.message : String(error) }]);
  };
  let failure: { error: unknown } | undefined;
  const query = { labelSelector: `${labelNames.testId}=${run.testId}`, action };
  const following = followPods({ ...cluster, onUnreachable }, query, pods, onChange, ended).catch((error: unknown) => {
    failure = { error };
    changed.set();
  });
  try {
    while (!signal.aborted) {
      if (failure) throw failure.error;
      if (isListed) {
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
      await changed.wait(pollIntervalMs, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw apiFault(error, action);
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
  throw new Fault('runner_vanished', `the pod ${name} of task ${run.taskId} no longer exists`, {
    hint: 'another program or user deleted it; check the audit log of the cluster',
  });
}

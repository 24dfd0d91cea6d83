import type { ContainerInspectInfo } from 'dockerode';
import { AutoResetEvent } from '../../model/engine/auto-reset-event.ts';
import { roleLabel } from '../../model/engine/labels.ts';
import type { ContainerState } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import { annotationNames, labelNames, type RunIdentity, runnerName } from '../../model/run.ts';
import type { OnWaits } from '../../model/waiting.ts';
import { containerState } from './container-state.ts';
import { type Engine, retryWhileUnreachable, withTimeout } from './engine.ts';
import { engineFault, isGone } from './engine-errors.ts';
import { followEvents } from './events.ts';

/** Interval of listing without an event, in case the engine's events were lost. */
const resyncIntervalMs = 30_000;

/** Implements Runtime.watch. Level-triggered: an event only triggers a new listing. */
export async function* watch(
  engine: Engine,
  run: RunIdentity,
  signal: AbortSignal,
  onWaits?: OnWaits,
): AsyncIterable<ContainerState> {
  const label = [`${labelNames.testId}=${run.testId}`, `${annotationNames.run}=${run.runId}`];
  const over = new AbortController();
  const ended = AbortSignal.any([signal, over.signal]);
  const changed = new AutoResetEvent();
  const shown = new Map<string, string>();
  const onUnreachable = (error: unknown): void => {
    onWaits?.([{ reason: 'engine_unavailable', message: error instanceof Error ? error.message : String(error) }]);
  };
  const events = followEvents(engine, label, changed.set, ended);
  try {
    while (!signal.aborted) {
      const states = await listStates({ ...engine, onUnreachable }, run, label, signal);
      onWaits?.([]);
      for (const state of states) {
        const text = JSON.stringify(state);
        if (shown.get(state.containerId) === text) continue;
        shown.set(state.containerId, text);
        yield state;
      }
      await changed.wait(resyncIntervalMs, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw engineFault(error, `watching task ${run.taskId}`);
  } finally {
    over.abort();
    await events;
  }
}

/**
 * Lists the states of the attempt's runner and of all components of the run that were started: those of an earlier
 * attempt stay while the environment is held. Throws runner_vanished when the runner is missing.
 */
async function listStates(
  engine: Engine,
  run: RunIdentity,
  label: string[],
  signal: AbortSignal,
): Promise<ContainerState[]> {
  const { docker } = engine;
  const found = await retryWhileUnreachable(
    engine,
    `watching the containers of task ${run.taskId}`,
    signal,
    async () => {
      const listed = await withTimeout(engine, signal, (abortSignal) =>
        docker.listContainers({ all: true, filters: { label }, abortSignal }),
      );
      return Promise.all(
        listed.map(({ Id }) =>
          withTimeout(engine, signal, (abortSignal) => docker.getContainer(Id).inspect({ abortSignal })).catch(
            (error: unknown) => {
              if (!isGone(error)) throw error;
            },
          ),
        ),
      );
    },
  );
  const isRunner = ({ Config }: ContainerInspectInfo): boolean => Config.Labels[roleLabel] === 'runner';
  const isOtherAttempt = (one: ContainerInspectInfo): boolean =>
    isRunner(one) && one.Config.Labels[annotationNames.attempt] !== String(run.attempt);
  const containers = found.filter((one) => one !== undefined).filter((one) => !isOtherAttempt(one));
  if (!containers.some(isRunner)) {
    throw new Fault('runner_vanished', `the container ${runnerName(run)} of task ${run.taskId} no longer exists`, {
      hint: 'another program or user removed it; check the events and the log of the engine',
    });
  }
  return containers.map(containerState).filter((state) => state !== undefined);
}

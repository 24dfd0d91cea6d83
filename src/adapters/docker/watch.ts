import type { ContainerInspectInfo } from 'dockerode';
import { Alarm } from '../../model/engine/alarm.ts';
import { roleLabel } from '../../model/engine/labels.ts';
import type { ContainerState } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import { annotationNames, labelNames, type RunIdentity, runnerName } from '../../model/run.ts';
import type { OnWaits } from '../../model/waiting.ts';
import { containerState } from './container-state.ts';
import { type Engine, inTime, patiently } from './engine.ts';
import { engineFault, isGone } from './engine-errors.ts';
import { followEvents } from './events.ts';

/** Milliseconds between two looks when no event came: a safety net under the engine's events. */
const safetyNet = 30_000;

/** See Runtime.watch. Level-triggered: an event only says that it is time to look again. */
export async function* watch(
  engine: Engine,
  run: RunIdentity,
  signal: AbortSignal,
  onWaits?: OnWaits,
): AsyncIterable<ContainerState> {
  const label = [`${labelNames.testId}=${run.testId}`, `${annotationNames.run}=${run.runId}`];
  const over = new AbortController();
  const ended = AbortSignal.any([signal, over.signal]);
  const alarm = new Alarm();
  const shown = new Map<string, string>();
  const onAway = (error: unknown): void => {
    onWaits?.([{ reason: 'engine_unavailable', message: error instanceof Error ? error.message : String(error) }]);
  };
  const events = followEvents(engine, label, alarm.ring, ended);
  try {
    while (!signal.aborted) {
      const states = await look({ ...engine, onAway }, run, label, signal);
      onWaits?.([]);
      for (const state of states) {
        const text = JSON.stringify(state);
        if (shown.get(state.containerId) === text) continue;
        shown.set(state.containerId, text);
        yield state;
      }
      await alarm.wait(safetyNet, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw engineFault(error, `watching task ${run.taskId}`);
  } finally {
    over.abort();
    await events;
  }
}

/**
 * The attempt's runner and all components of the run that were ever started: those of an attempt before live on while the
 * environment is held. Throws runner_vanished when the runner is not among them.
 */
async function look(engine: Engine, run: RunIdentity, label: string[], signal: AbortSignal): Promise<ContainerState[]> {
  const { docker } = engine;
  const found = await patiently(engine, `watching the containers of task ${run.taskId}`, signal, async () => {
    const listed = await inTime(engine, signal, (abortSignal) =>
      docker.listContainers({ all: true, filters: { label }, abortSignal }),
    );
    return Promise.all(
      listed.map(({ Id }) =>
        inTime(engine, signal, (abortSignal) => docker.getContainer(Id).inspect({ abortSignal })).catch(
          (error: unknown) => {
            if (!isGone(error)) throw error;
          },
        ),
      ),
    );
  });
  const isRunner = ({ Config }: ContainerInspectInfo): boolean => Config.Labels[roleLabel] === 'runner';
  const isOther = (one: ContainerInspectInfo): boolean =>
    isRunner(one) && one.Config.Labels[annotationNames.attempt] !== String(run.attempt);
  const containers = found.filter((one) => one !== undefined).filter((one) => !isOther(one));
  if (!containers.some(isRunner)) {
    throw new Fault(
      'runner_vanished',
      `the container ${runnerName(run)} of task ${run.taskId} does not exist any more`,
      {
        hint: 'somebody else has removed it; the engine tells who in its events and its log',
      },
    );
  }
  return containers.map(containerState).filter((state) => state !== undefined);
}

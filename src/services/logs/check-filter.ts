import { Fault } from '../../model/fault.ts';
import type { StepSpec } from '../../model/flow.ts';
import { dnsName } from '../../model/names.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import type { Task } from '../../model/task.ts';
import { isFinal } from '../../model/task-state.ts';
import type { LogRequest } from './read.ts';

/** Maximum number of names in a hint. */
const maxListed = 20;

type Known = Pick<Task, 'id' | 'testId' | 'state' | 'attempt'>;

/**
 * Checks that a task has the attempt, step, source and pod of a log request, so that a misspelled name does not yield an empty
 * log. Accepts names that an unsettled task may still get. Throws `not_found` with the existing names.
 */
export async function checkLogFilter(
  { logs, tasks }: { logs: Pick<LogStore, 'streams'>; tasks: Pick<TaskStore, 'get'> },
  task: Known,
  { attempt, step, source, pod }: NonNullable<LogRequest['filter']>,
): Promise<void> {
  checkAttempt(task, attempt);
  // Steps are the larger part of a record, so they are read only if needed.
  const pipeline = step === undefined && source === undefined ? [] : ((await tasks.get(task.id))?.pipeline ?? []);
  const instances = pipeline.map(({ instance }) => instance);
  // A task that was just accepted does not know its steps yet.
  const areStepsKnown = instances.length > 0 || isFinal(task.state);
  if (step !== undefined && areStepsKnown) requireOneOf(task, 'step', step, instances);
  if (source === undefined && pod === undefined) return;
  const streams = await logs.streams(task.id);
  if (source !== undefined && !mayComeFrom(task, source, pipeline)) {
    requireOneOf(task, 'source', source, ['runner', ...streams.map((stream) => stream.source)]);
  }
  // Names of pods and containers contain the testId.
  if (pod !== undefined && (isFinal(task.state) || !pod.includes(task.testId))) {
    requireOneOf(
      task,
      'pod',
      pod,
      streams.flatMap((stream) => stream.pod ?? []),
    );
  }
}

/** Throws `not_found` for an attempt that the task does not have. */
export function checkAttempt({ id, attempt }: Pick<Task, 'id' | 'attempt'>, wanted: number | undefined): void {
  if (wanted === undefined || wanted <= attempt) return;
  const hint = attempt === 1 ? 'it has had one attempt' : `its attempts are 1 to ${attempt}`;
  throw new Fault('not_found', `task ${id} has no attempt ${wanted}`, { where: { path: 'attempt' }, hint });
}

/** Returns true if the source may still appear: a component's source begins with its instance, a build's contains its plugin. */
function mayComeFrom(task: Known, source: string, pipeline: readonly StepSpec[]): boolean {
  if (isFinal(task.state)) return false;
  if (pipeline.length === 0) return true;
  return pipeline.some(({ plugin, instance }) => {
    const prefixes = [`${instance}-`, `${dnsName(instance)}-`];
    return source === `build:${plugin}` || prefixes.some((prefix) => source.startsWith(prefix));
  });
}

function requireOneOf(task: Known, what: string, name: string, all: readonly string[]): void {
  if (all.includes(name)) return;
  const names = [...new Set(all)].sort();
  const shown = names.slice(0, maxListed).join(', ') + (names.length > maxListed ? ', …' : '');
  const kinds = `its ${what}s${isFinal(task.state) || what === 'step' ? '' : ' so far'}`;
  const hint = names.length === 0 ? `it has no ${what}s` : `${kinds}: ${shown}`;
  throw new Fault('not_found', `task ${task.id} has no ${what} ${JSON.stringify(name)}`, {
    where: { path: what },
    hint,
  });
}

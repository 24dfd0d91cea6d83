import type { Logger } from 'pino';
import type { MarkedObject, Runtime } from '../../model/engine/runtime.ts';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import type { OrphanStore } from '../../model/ports/orphans.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { labelNames } from '../../model/run.ts';
import type { UndeletedObject } from '../../model/task.ts';
import { isFinal } from '../../model/task-state.ts';

export interface RemoveOrphansPorts {
  tasks: TaskStore;
  orphans: OrphanStore;
  orchestrator: Pick<Orchestrator, 'taskRun'>;
  runtime: Runtime;
  /** Mark of the objects of this installation. */
  installation: string;
  log: Logger;
}

/**
 * Removes orphaned objects of this installation: their task has ended or is not on record, and its workflow is closed or
 * unknown. Temporal is asked for each workflow, as its lists may lag. Never touches objects of other installations, nor
 * objects without a mark: these are recorded, and logged when they change. `grace` is the minimum age of an orphan in
 * milliseconds, as the task of a younger object may be about to begin or to clean up.
 */
export async function removeOrphans(
  ports: RemoveOrphansPorts,
  { grace, now = Date.now() }: { grace: number; now?: number },
  signal: AbortSignal,
): Promise<void> {
  const { runtime, installation, orphans, log } = ports;
  const old = (await runtime.listAllObjects()).filter(({ createdAt }) => createdAt.getTime() + grace < now);
  const own = old.filter((object) => object.installation === installation);
  const unremovable: UndeletedObject[] = [];
  for (const objects of Map.groupBy(own, ({ taskId, runId }) => `${taskId} ${runId}`).values()) {
    signal.throwIfAborted();
    unremovable.push(...(await removeIfOrphaned(ports, objects, signal)));
  }
  const unmarked = await withoutMark(ports, old);
  const before = await orphans.get();
  const next = { unmarked: unmarked.map(nameOf).sort(), unremovable: unremovable.map(nameOf).sort() };
  await orphans.set(next);
  if (next.unmarked.length > 0 && String(before.unmarked) !== String(next.unmarked)) {
    log.warn({ objects: next.unmarked }, 'objects without a mark and without a task on record are not removed');
  }
}

/** Removes the objects of one Temporal run if they are orphaned. Every object with a mark has a task and a run. */
async function removeIfOrphaned(
  { tasks, orchestrator, runtime, installation, log }: RemoveOrphansPorts,
  objects: readonly MarkedObject[],
  signal: AbortSignal,
): Promise<UndeletedObject[]> {
  const [{ taskId, runId, labels } = { labels: {} }] = objects as readonly Partial<MarkedObject>[];
  const testId = labels?.[labelNames.testId];
  if (taskId === undefined || runId === undefined || testId === undefined) return [];
  if ((await orchestrator.taskRun(taskId))?.status === 'running') return [];
  // Read second: a workflow settles its record before it ends. Otherwise the sweep settles it.
  const task = await tasks.summary(taskId);
  if (task && !isFinal(task.state)) return [];
  const undeleted = await runtime.cleanup({ testId, runId, installation }, signal);
  log.warn({ taskId, testId, objects: objects.map(nameOf), undeleted }, 'removed orphaned objects');
  return undeleted;
}

/** Returns the objects without a mark whose task is not on record; a task on record owns its unmarked objects. */
async function withoutMark({ tasks }: RemoveOrphansPorts, old: readonly MarkedObject[]): Promise<MarkedObject[]> {
  const unmarked = old.filter(({ installation }) => installation === undefined);
  const testIdOf = ({ labels }: MarkedObject): string => labels[labelNames.testId] ?? '';
  const known = await tasks.knownTestIds([...new Set(unmarked.map(testIdOf))]);
  return unmarked.filter((object) => !known.has(testIdOf(object)));
}

const nameOf = ({ kind, name }: Pick<UndeletedObject, 'kind' | 'name'>): string => `${kind} ${name}`;

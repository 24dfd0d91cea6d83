import type { Logger } from 'pino';
import type { MarkedObject, Runtime } from '../../model/engine/runtime.ts';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import type { OrphanStore } from '../../model/ports/orphans.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { labelNames } from '../../model/run.ts';
import type { CleanupDebt } from '../../model/task.ts';
import { isFinal } from '../../model/task-state.ts';

export interface RemoveOrphansPorts {
  tasks: TaskStore;
  orphans: OrphanStore;
  orchestrator: Pick<Orchestrator, 'taskRun'>;
  runtime: Runtime;
  /** The mark of what this installation makes. */
  installation: string;
  log: Logger;
}

/**
 * Removes objects of this installation that no task needs any more: their task is on no record, or has ended, and its
 * workflow is closed or unknown to Temporal, which is asked for each; a list of workflows may be late. Objects of another
 * installation are never touched, nor is what has no mark: that is counted, and told when it changes.
 * `grace` is the age in milliseconds before which an object is left alone, as its task may be about to begin or to clean up.
 */
export async function removeOrphans(
  ports: RemoveOrphansPorts,
  { grace, now = Date.now() }: { grace: number; now?: number },
  signal: AbortSignal,
): Promise<void> {
  const { runtime, installation, orphans, log } = ports;
  const old = (await runtime.everything()).filter(({ createdAt }) => createdAt.getTime() + grace < now);
  const own = old.filter((object) => object.installation === installation);
  const unremovable: CleanupDebt[] = [];
  for (const objects of Map.groupBy(own, ({ taskId, runId }) => `${taskId} ${runId}`).values()) {
    signal.throwIfAborted();
    unremovable.push(...(await removeIfOrphaned(ports, objects, signal)));
  }
  const unmarked = await withoutMark(ports, old);
  const before = await orphans.get();
  const next = { unmarked: unmarked.map(nameOf).sort(), unremovable: unremovable.map(nameOf).sort() };
  await orphans.set(next);
  if (next.unmarked.length > 0 && String(before.unmarked) !== String(next.unmarked)) {
    log.warn({ objects: next.unmarked }, 'objects of tasks that are on no record have no mark, and are left alone');
  }
}

/** Of one Temporal run; `task` and `run` are known of everything that has a mark. */
async function removeIfOrphaned(
  { tasks, orchestrator, runtime, installation, log }: RemoveOrphansPorts,
  objects: readonly MarkedObject[],
  signal: AbortSignal,
): Promise<CleanupDebt[]> {
  const [{ taskId, runId, labels } = { labels: {} }] = objects as readonly Partial<MarkedObject>[];
  const testId = labels?.[labelNames.testId];
  if (taskId === undefined || runId === undefined || testId === undefined) return [];
  if ((await orchestrator.taskRun(taskId))?.status === 'running') return [];
  // Asked second: a workflow settles its record before it ends. One that did not is swept.
  const task = await tasks.summary(taskId);
  if (task && !isFinal(task.state)) return [];
  const debts = await runtime.cleanup({ testId, runId, installation }, signal);
  log.warn({ task: taskId, testId, objects: objects.map(nameOf), left: debts }, 'removed objects that no task needs');
  return debts;
}

/** Those that have no mark, and whose task is not on record: of one that is, they are known to be its own. */
async function withoutMark({ tasks }: RemoveOrphansPorts, old: readonly MarkedObject[]): Promise<MarkedObject[]> {
  const unmarked = old.filter(({ installation }) => installation === undefined);
  const testIdOf = ({ labels }: MarkedObject): string => labels[labelNames.testId] ?? '';
  const known = await tasks.knownTestIds([...new Set(unmarked.map(testIdOf))]);
  return unmarked.filter((object) => !known.has(testIdOf(object)));
}

const nameOf = ({ kind, name }: Pick<CleanupDebt, 'kind' | 'name'>): string => `${kind} ${name}`;

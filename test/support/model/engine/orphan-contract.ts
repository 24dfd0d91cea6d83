import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Orchestrator } from '../../../../src/model/ports/orchestrator.ts';
import type { OrphanStore, Orphans } from '../../../../src/model/ports/orphans.ts';
import type { TaskStore } from '../../../../src/model/ports/tasks.ts';
import type { RunIdentity } from '../../../../src/model/run.ts';
import type { Task } from '../../../../src/model/task.ts';
import { removeOrphans } from '../../../../src/services/tasks/remove-orphans.ts';
import type { Bench } from './contract.ts';
import { never, newRun } from './runs.ts';

const minute = 60_000;

/** State that the search for orphans reads: records, workflows in Temporal, and its last result. */
interface World {
  records: Map<string, Pick<Task, 'state' | 'testId'>>;
  workflows: Map<string, 'running' | 'terminated' | 'closed'>;
  found: Orphans;
}

/** Runs the janitor as the run's installation, a number of minutes from now. */
async function runJanitor(bench: Bench, { installation }: RunIdentity, world: World, minutes: number): Promise<void> {
  const tasks = {
    summary: async (id: string) => world.records.get(id),
    knownTestIds: async (ids: string[]) => {
      const known = new Set([...world.records.values()].map(({ testId }) => testId));
      return new Set(ids.filter((id) => known.has(id)));
    },
  } as unknown as TaskStore;
  const orchestrator: Pick<Orchestrator, 'taskRun'> = {
    async taskRun(taskId) {
      const status = world.workflows.get(taskId);
      return status && { runId: 'any', status };
    },
  };
  const orphans: OrphanStore = {
    get: async () => world.found,
    set: async (found) => {
      world.found = found;
    },
  };
  const { runtime } = bench.under;
  const ports = { tasks, orphans, orchestrator, runtime, installation, log: pino({ level: 'silent' }) };
  await removeOrphans(ports, { grace: 10 * minute, now: Date.now() + minutes * minute }, never);
}

const empty = (): World => ({
  records: new Map(),
  workflows: new Map(),
  found: { unmarked: [], unremovable: [] },
});

/** Describes the removal of objects whose task no longer exists; see removeOrphans. */
export function describeOrphans(bench: Bench): void {
  const left = async ({ testId }: RunIdentity) => (await bench.under.runtime.listObjects(testId)).map(({ uid }) => uid);

  test('removes objects whose task has neither record nor workflow, after the grace period', async () => {
    const run = newRun();
    const runner = await bench.create(run, 'sleep 60', { deploys: true });
    const component = await bench.under.addComponent(run, 'orphan-0', 'sleep 60');
    const world = empty();
    await runJanitor(bench, run, world, 9);
    expect(await left(run)).toEqual(expect.arrayContaining([runner.uid, component]));
    await runJanitor(bench, run, world, 11);
    expect(await left(run)).toEqual([]);
  });

  test('keeps objects of a task that has not ended, and of one that has a workflow but no record', async () => {
    const world = empty();
    const [unsettled, unrecorded, ended] = [newRun(), newRun(), newRun()];
    const installation = unsettled.installation;
    for (const run of [unrecorded, ended]) run.installation = installation;
    for (const run of [unsettled, unrecorded, ended]) await bench.create(run, 'sleep 60');
    world.records.set(unsettled.taskId, { state: 'running', testId: unsettled.testId });
    world.workflows.set(unsettled.taskId, 'terminated');
    world.workflows.set(unrecorded.taskId, 'running');
    world.records.set(ended.taskId, { state: 'success', testId: ended.testId });
    world.workflows.set(ended.taskId, 'closed');
    await runJanitor(bench, unsettled, world, 600);
    expect(await left(unsettled)).not.toEqual([]);
    expect(await left(unrecorded)).not.toEqual([]);
    expect(await left(ended)).toEqual([]);
  });

  test('keeps objects of another installation, even those of a task with the same testId', async () => {
    const run = newRun();
    const runner = await bench.create(run, 'sleep 60');
    const neighbour = { ...run, installation: 'another', taskId: 'of-another', runId: 'of-another' };
    const kept = await bench.under.addComponent(neighbour, 'neighbour-0', 'sleep 60');
    const twin = await bench.under.addComponent({ ...run, installation: 'another' }, 'twin-0', 'sleep 60');
    await runJanitor(bench, run, empty(), 600);
    const there = await left(run);
    expect(there).toEqual(expect.arrayContaining([kept, twin]));
    expect(there).not.toContain(runner.uid);
  });

  test('keeps objects without a mark and counts them unless their task is recorded', async () => {
    const [unknown, known] = [newRun(), newRun()];
    bench.own(unknown);
    bench.own(known);
    const kept = await bench.under.addComponent(unknown, 'unmarked', 'sleep 60', { marked: false });
    const other = await bench.under.addComponent(known, 'recorded', 'sleep 60', { marked: false });
    const world = empty();
    world.records.set(known.taskId, { state: 'success', testId: known.testId });
    await runJanitor(bench, unknown, world, 600);
    expect([await left(unknown), await left(known)]).toEqual([[kept], [other]]);
    const names = async (run: RunIdentity) =>
      (await bench.under.runtime.listObjects(run.testId)).map(({ kind, name }) => `${kind} ${name}`);
    expect(world.found.unmarked).toEqual(expect.arrayContaining(await names(unknown)));
    for (const name of await names(known)) expect(world.found.unmarked).not.toContain(name);
  });
}

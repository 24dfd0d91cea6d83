import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Fault } from '../../../src/model/fault.ts';
import type { Orchestrator } from '../../../src/model/ports/orchestrator.ts';
import { eraseJob } from '../../../src/services/jobs/erase-job.ts';
import { stopTasks } from '../../../src/services/jobs/stop-tasks.ts';
import { findLostTask, listLostTasks } from '../../../src/services/tasks/find-lost.ts';
import { settleLost } from '../../../src/services/tasks/settle-lost.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { aJob, aTask } from '../../support/adapters/mongodb/records.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

/** States of the task workflows in Temporal. */
const knows = (runs: Record<string, 'running' | 'terminated' | 'closed'>, stopped: string[] = []) =>
  ({
    async taskRun(taskId) {
      const status = runs[taskId];
      return status && { runId: 'run-1', status };
    },
    async stopTask(taskId) {
      if (runs[taskId] !== 'running') throw new Fault('conflict', 'it has ended already');
      stopped.push(taskId);
    },
  }) as Orchestrator;

describe('deleting a job', () => {
  test('stops the running tasks, also those that are not recorded yet, and does not wait for ended ones', async () => {
    const { tasks } = opened.store;
    await tasks.open(aTask('ending', 1, { state: 'running' }), () => 'e1');
    await tasks.open(aTask('ending', 2, { state: 'init' }), () => 'e2');
    await tasks.open(aTask('ending', 3, { state: 'success' }), () => 'e3');
    const stopped: string[] = [];
    const runs = { 'ending-1': 'running', 'ending-2': 'terminated', 'ending-4': 'running' } as const;
    const ports = { tasks, orchestrator: knows(runs, stopped) };
    expect(await stopTasks(ports, 'ending', ['ending-4'])).toEqual(['ending-1', 'ending-4']);
    expect(stopped).toEqual(['ending-1', 'ending-4']);
    expect((await tasks.get('ending-1'))?.stop).toMatchObject({ by: 'system', reason: 'its job is being deleted' });
  });

  test('removes the tasks, logs, outputs and files of the job, and continues after an interruption', async () => {
    const { store } = opened;
    const { jobs, tasks, logs, outputs, artifacts } = store;
    await jobs.insert(aJob('erased'));
    for (const n of [1, 2, 3]) {
      await tasks.open(aTask('erased', n, { state: 'success' }), () => `x${n}`);
      await logs.open({ id: `x${n}/log`, taskId: `erased-${n}`, attempt: 1, source: 'runner' });
      await outputs.put(`erased-${n}`, 1, 'step', { a: 1 });
      await artifacts.put(`erased-${n}`, 1, { step: 'step', path: 'file', size: 1 }, 0, Buffer.from('x'));
    }
    let calls = 0;
    const breaking = {
      ...logs,
      delete: async (taskId: string) => {
        calls += 1;
        if (calls === 2) throw new Error('killed');
        await logs.delete(taskId);
      },
    };
    await expect(eraseJob({ ...store, logs: breaking }, 'erased')).rejects.toThrow('killed');
    expect(await jobs.get('erased')).toBeDefined();
    await eraseJob(store, 'erased');
    expect(await jobs.get('erased')).toBeUndefined();
    expect((await tasks.list({ jobId: 'erased' }, { limit: 10 })).items).toEqual([]);
    expect(await logs.streams('erased-3')).toEqual([]);
    expect(await outputs.all('erased-3', 1)).toEqual({});
    expect(await artifacts.list('erased-3', 1)).toEqual([]);
  });
});

describe('lost tasks', () => {
  test('are those with an unsettled record whose workflow has ended or is unknown', async () => {
    const { tasks } = opened.store;
    for (const [n, state] of ['running', 'building', 'init', 'success'].entries()) {
      await tasks.open(aTask('lost', n + 1, { state: state as 'running' }), () => `l${n}`);
    }
    const orchestrator = knows({ 'lost-1': 'running', 'lost-2': 'terminated', 'lost-4': 'closed' });
    const ports = { tasks, orchestrator };
    expect(await findLostTask(ports, 'lost-1')).toBeUndefined();
    expect(await findLostTask(ports, 'lost-2')).toMatchObject({ taskId: 'lost-2', testId: 'l1', terminated: true });
    expect(await findLostTask(ports, 'lost-3')).toMatchObject({ taskId: 'lost-3', terminated: false });
    expect(await findLostTask(ports, 'lost-4')).toBeUndefined();
    const all = await listLostTasks(ports);
    expect(all.filter((id) => id.startsWith('lost-')).sort()).toEqual(['lost-2', 'lost-3']);
  });

  test('are settled with the known steps, and a later run takes over the record', async () => {
    const { tasks } = opened.store;
    const steps = [
      { instance: 'one', state: 'running' as const },
      { instance: 'two', state: 'pending' as const },
    ];
    await tasks.open(aTask('settled', 1, { state: 'running' }), () => 's1');
    await tasks.project('settled-1', { runId: 'run-1', epoch: 1 }, { steps });
    const lost = { taskId: 'settled-1', testId: 's1', attempt: 1, workflowId: 'w', runId: 'run-1', terminated: true };
    const known = [{ instance: 'one', state: 'success' as const }];
    await settleLost(opened.store, lost, { steps: known, debts: [] });
    expect(await tasks.get('settled-1')).toMatchObject({
      state: 'canceled',
      outcome: 'stopped',
      error: { code: 'stopped', message: 'its workflow was terminated in Temporal' },
      steps: [
        { instance: 'one', state: 'success' },
        { instance: 'two', state: 'pending' },
      ],
    });
    const next = { runId: 'run-2', epoch: 1 };
    expect(await tasks.project('settled-1', next, { state: 'running' }, { takeOver: true })).toBe(true);
  });
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type DeleteJobPorts, deleteJob } from '../../src/jobs/delete-job.ts';
import type { Orchestrator } from '../../src/model/ports.ts';
import { openStore, type TestStore } from '../store/open-store.ts';
import { aJob, aTask } from '../store/records.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const ports = (more: Partial<DeleteJobPorts & Pick<Orchestrator, 'forgetJob'>> = {}): DeleteJobPorts => ({
  ...opened.store,
  orchestrator: { forgetJob: more.forgetJob ?? (async () => undefined) } as Orchestrator,
  ...more,
});

test('a delete that was interrupted goes on when it is asked for again', async () => {
  const { jobs, tasks, logs } = opened.store;
  await jobs.insert(aJob('interrupted'));
  for (const n of [1, 2, 3]) await tasks.open(aTask('interrupted', n, { state: 'success' }), () => `i${n}`);
  let calls = 0;
  const breaking = {
    ...logs,
    delete: async (taskId: string) => {
      calls += 1;
      if (calls === 2) throw new Error('killed');
      await logs.delete(taskId);
    },
  };
  await expect(deleteJob(ports({ logs: breaking }), 'interrupted')).rejects.toThrow('killed');
  expect(await jobs.get('interrupted')).toBeUndefined();
  expect((await tasks.list({ jobId: 'interrupted' }, { limit: 10 })).items).toHaveLength(2);
  await deleteJob(ports(), 'interrupted');
  expect((await tasks.list({ jobId: 'interrupted' }, { limit: 10 })).items).toEqual([]);
  await expect(deleteJob(ports(), 'interrupted')).rejects.toMatchObject({ code: 'not_found' });
});

test('a task that begins while its job is deleted is not deleted under way: the answer names it', async () => {
  const { jobs, tasks } = opened.store;
  await jobs.insert(aJob('raced'));
  const forgetJob = async () => {
    await tasks.open(aTask('raced', 1, { state: 'running' }), () => 'raced');
  };
  const deleting = deleteJob(ports({ forgetJob }), 'raced');
  await expect(deleting).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('raced-1') });
  expect(await tasks.get('raced-1')).toBeDefined();
  await tasks.project('raced-1', { runId: 'run-1', epoch: 1 }, { state: 'canceled' });
  await deleteJob(ports(), 'raced');
  expect(await tasks.get('raced-1')).toBeUndefined();
});

test('a job that Temporal cannot be told of stays as it is', async () => {
  await opened.store.jobs.insert(aJob('kept'));
  const forgetJob = () => Promise.reject(new Error('Temporal is away'));
  await expect(deleteJob(ports({ forgetJob }), 'kept')).rejects.toThrow('Temporal is away');
  expect(await opened.store.jobs.get('kept')).toBeDefined();
});

import { expect, test } from '@jest/globals';
import type { TaskPlan } from '../../src/model/activities.ts';
import { TaskRun } from '../../workflows/task-run.ts';

/** A run with the plan of these steps. */
function runOf(...instances: string[]): TaskRun {
  const run = new TaskRun({
    jobId: 'job',
    testFlowId: 'flow',
    number: 1,
    trigger: { type: 'manual' },
    requestedAt: '2026-11-23T10:00:00.000Z',
    run: { versions: {}, globalProperties: {} },
  });
  const plan: TaskPlan = { testId: 'abcd1234', timeoutMs: 1000, components: [], versions: {}, instances };
  run.plan(plan);
  return run;
}

test('the table of the steps says of one that is tried again which try it is', () => {
  const run = runOf('one', 'two', 'three');
  run.report([
    { instance: 'one', state: 'success', tries: 1 },
    { instance: 'two', state: 'running', tries: 3 },
  ]);
  expect(run.details().split('\n').slice(-3)).toEqual([
    '| one | success |  |',
    '| two | running, try 3 |  |',
    '| three | pending |  |',
  ]);
});

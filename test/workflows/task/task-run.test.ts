import { describe, expect, test } from '@jest/globals';
import type { TaskPlan } from '../../../src/model/activities.ts';
import { detailsOf } from '../../../workflows/task/details.ts';
import { TaskRun } from '../../../workflows/task/task-run.ts';

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

test('the details of a run count its steps, and have a table of those that failed or run, with which try it is', () => {
  const run = runOf('one', 'two', 'three');
  run.report([
    { instance: 'one', state: 'success', tries: 1 },
    { instance: 'two', state: 'running', tries: 3 },
  ]);
  expect(detailsOf(run).split('\n').slice(-5)).toEqual([
    'steps: 1 success, 1 running, 1 pending',
    '',
    '| step | state | error |',
    '|---|---|---|',
    '| two | running, try 3 |  |',
  ]);
});

describe('the steps of a run', () => {
  test('are in the order of the flow, also when one that runs always has begun after others that did not', () => {
    const run = runOf('fail', 'between', 'tidy', 'more');
    run.report([
      { instance: 'fail', state: 'error' },
      { instance: 'tidy', state: 'running' },
    ]);
    expect(run.takeSteps().steps?.map(({ instance, state }) => `${instance} ${state}`)).toEqual([
      'fail error',
      'between pending',
      'tidy running',
      'more pending',
    ]);
  });

  test('have at their end those that only the runner knows', () => {
    const run = runOf('one', 'two');
    run.report([
      { instance: 'real', state: 'success' },
      { instance: 'two', state: 'running' },
    ]);
    expect(run.steps.map(({ instance }) => instance)).toEqual(['one', 'two', 'real']);
  });
});

test('a run whose cleanup failed too is judged by the step that failed first, and shows what was skipped', () => {
  const run = runOf('fail', 'between', 'tidy');
  const error = (message: string) => ({ code: 'step_failed', message }) as const;
  run.judge({
    verdict: { state: 'error', failedStep: 'fail' },
    exitCode: 0,
    restarts: 0,
    steps: [
      { instance: 'tidy', state: 'error', error: error('nothing to tidy') },
      { instance: 'fail', state: 'error', error: error('3 of 5') },
      { instance: 'between', state: 'skipped' },
    ],
  });
  expect(run.error).toEqual({ code: 'step_failed', message: '3 of 5', where: { step: 'fail' } });
  expect(detailsOf(run)).toContain('steps: 2 error, 1 skipped');
});

describe('a step that ran when the infrastructure failed', () => {
  const error = { code: 'engine_unavailable', message: 'the engine is away' } as const;
  const ran = { instance: 'one', state: 'running' } as const;

  test('has ended with the run', () => {
    const run = runOf('one', 'two');
    run.report([ran]);
    run.fail(error);
    expect(run.steps).toEqual([
      { instance: 'one', state: 'error', error },
      { instance: 'two', state: 'pending' },
    ]);
  });

  test('has ended in the record of its attempt, and is still to come in the next one', () => {
    const run = runOf('one');
    run.report([ran]);
    run.nextAttempt(error, '2026-11-23T10:00:00.000Z');
    expect(run.takeAttempts().map(({ steps }) => steps?.[0]?.state)).toEqual(['error', 'pending']);
  });
});

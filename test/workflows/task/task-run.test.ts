import { describe, expect, test } from '@jest/globals';
import type { TaskPlan } from '../../../src/model/activities.ts';
import { detailsOf } from '../../../workflows/task/details.ts';
import { TaskRun } from '../../../workflows/task/task-run.ts';

/** Creates a run with a plan of these steps. */
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
  run.applyPlan(plan);
  return run;
}

test('the details of a run have the numbers of its steps and a table of failed and running ones with their tries', () => {
  const run = runOf('one', 'two', 'three');
  run.reportSteps([
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
  test('are in the order of the flow, also when a step with `always` has begun before earlier ones', () => {
    const run = runOf('fail', 'between', 'tidy', 'more');
    run.reportSteps([
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

  test('have at the end the steps that only the runner knows', () => {
    const run = runOf('one', 'two');
    run.reportSteps([
      { instance: 'real', state: 'success' },
      { instance: 'two', state: 'running' },
    ]);
    expect(run.steps.map(({ instance }) => instance)).toEqual(['one', 'two', 'real']);
  });
});

test('a run whose cleanup step failed too has the verdict of the first failed step, and shows skipped steps', () => {
  const run = runOf('fail', 'between', 'tidy');
  const error = (message: string) => ({ code: 'step_failed', message }) as const;
  run.applyRunnerEnd({
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

describe('a step that was running at an infrastructure fault', () => {
  const error = { code: 'engine_unavailable', message: 'the engine is away' } as const;
  const ran = { instance: 'one', state: 'running' } as const;

  test('ends with the run', () => {
    const run = runOf('one', 'two');
    run.reportSteps([ran]);
    run.fail(error);
    expect(run.steps).toEqual([
      { instance: 'one', state: 'error', error },
      { instance: 'two', state: 'pending' },
    ]);
  });

  test('has ended in the record of its attempt, and is pending in the next one', () => {
    const run = runOf('one');
    run.reportSteps([ran]);
    run.nextAttempt(error, '2026-11-23T10:00:00.000Z');
    expect(run.takeAttempts().map(({ steps }) => steps?.[0]?.state)).toEqual(['error', 'pending']);
  });
});

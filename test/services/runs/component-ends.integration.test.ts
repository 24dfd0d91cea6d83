import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TaskContainer } from '../../../src/model/container.ts';
import type { StepProgress } from '../../../src/model/step.ts';
import { blameComponents } from '../../../src/services/runs/component-ends.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { startFollowing, textsOf } from '../../support/services/runs/following.ts';
import { lines, marker, ScriptedRun, timestampAt } from '../../support/services/runs/scripted-run.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const failing = [
  marker('runner.start'),
  marker('step.start', { instance: 'check', at: '2026-11-23T10:00:01.000Z' }),
  marker('step.end', {
    instance: 'check',
    at: '2026-11-23T10:00:03.000Z',
    state: 'error',
    error: { code: 'step_failed', message: 'cannot resolve orders' },
  }),
  marker('runner.end', { state: 'error', failedStep: 'check' }),
];
const life = { lines: lines(0, failing), end: { exitCode: 0 } };

async function runWith(taskId: string, end: (scripted: ScriptedRun) => void) {
  const scripted = new ScriptedRun(taskId, [life]);
  scripted.print('orders-0', lines(0, ['listening']));
  end(scripted);
  const { steps } = await startFollowing(opened.store, scripted).end;
  await startFollowing(opened.store, scripted).end;
  return { error: steps[0]?.error, log: await textsOf(opened.store, taskId, 'orders-0') };
}

describe('a component that ends while its test runs', () => {
  test('a component out of memory is noted once in its log and makes the step an infrastructure fault', async () => {
    const end = { finishedAt: timestampAt(2e9), exitCode: 137, outOfMemory: true };
    const { error, log } = await runWith('died-memory', (scripted) => scripted.endComponent('orders-0', end));
    expect(log).toEqual(['listening', '[orders-0 ran out of memory while the test ran]']);
    expect(error).toMatchObject({
      code: 'out_of_memory',
      message: 'cannot resolve orders; orders-0 ran out of memory 1 s before',
      hint: expect.stringContaining('limits.memory'),
    });
  });

  test('a component crash is noted and stays a test failure', async () => {
    const end = { finishedAt: timestampAt(2e9), exitCode: 3 };
    const { error, log } = await runWith('died-crash', (scripted) => scripted.endComponent('orders-0', end));
    expect(log.at(-1)).toBe('[orders-0 ended with exit code 3 while the test ran]');
    expect(error).toEqual({
      code: 'step_failed',
      message: 'cannot resolve orders; orders-0 ended with exit code 3 1 s before',
    });
  });

  test('a component that keeps running is not named in the error', async () => {
    const { error, log } = await runWith('died-not', () => undefined);
    expect(log).toEqual(['listening']);
    expect(error?.message).toBe('cannot resolve orders');
  });
});

describe('blameComponents', () => {
  const step: StepProgress = {
    instance: 'check',
    state: 'error',
    startedAt: timestampAt(10e9),
    finishedAt: timestampAt(20e9),
    error: { code: 'step_failed', message: 'no' },
  };
  const one = (more: Partial<TaskContainer>): TaskContainer => ({
    ...{ streamId: 'a/b', source: 'orders-0', role: 'component', running: true, attempt: 1, pod: 'orders-0', ...more },
  });
  const there = () => true;

  test('blameComponents reports a vanished component as an infrastructure fault', () => {
    const error = blameComponents(step, [one({})], () => false);
    expect(error).toMatchObject({ code: 'component_lost', message: 'no; orders-0 was deleted' });
  });

  test('blameComponents names a restarted component only if it ended while the step ran', () => {
    const again = one({ streamId: 'a/c' });
    const died = (second: number) => one({ running: false, exitCode: 1, finishedAt: timestampAt(second * 1e9) });
    expect(blameComponents(step, [died(15), again], there)?.message).toContain('exit code 1 5 s before');
    expect(blameComponents(step, [died(5), again], there)?.message).toBe('no');
    expect(blameComponents(step, [died(25)], there)?.message).toBe('no');
  });

  test('blameComponents keeps other errors, and steps that have not failed', () => {
    const error = { code: 'input_invalid', message: 'no' } as const;
    expect(blameComponents({ ...step, error }, [one({})], () => false)).toBe(error);
    expect(blameComponents({ instance: 'check', state: 'success' }, [one({})], () => false)).toBeUndefined();
  });
});

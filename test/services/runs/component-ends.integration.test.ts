import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TaskContainer } from '../../../src/model/container.ts';
import type { StepProgress } from '../../../src/model/step.ts';
import { blameComponents } from '../../../src/services/runs/component-ends.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { startFollowing, textsOf } from '../../support/services/runs/following.ts';
import { lines, marker, ScriptedRun, stamp } from '../../support/services/runs/scripted-run.ts';

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

describe('a component that dies while its test runs', () => {
  test('by the memory limit is told in its log, once, and in the error of the step, which is of the infrastructure then', async () => {
    const end = { finishedAt: stamp(2e9), exitCode: 137, outOfMemory: true };
    const { error, log } = await runWith('died-memory', (scripted) => scripted.endComponent('orders-0', end));
    expect(log).toEqual(['listening', '[orders-0 was killed for memory while the test ran]']);
    expect(error).toMatchObject({
      code: 'out_of_memory',
      message: 'cannot resolve orders; orders-0 was killed for memory 1 s before',
      hint: expect.stringContaining('limits.memory'),
    });
  });

  test('by a crash of its own is told too, and stays a failure of the test', async () => {
    const end = { finishedAt: stamp(2e9), exitCode: 3 };
    const { error, log } = await runWith('died-crash', (scripted) => scripted.endComponent('orders-0', end));
    expect(log.at(-1)).toBe('[orders-0 ended with exit code 3 while the test ran]');
    expect(error).toEqual({
      code: 'step_failed',
      message: 'cannot resolve orders; orders-0 ended with exit code 3 1 s before',
    });
  });

  test('and that runs on is not blamed', async () => {
    const { error, log } = await runWith('died-not', () => undefined);
    expect(log).toEqual(['listening']);
    expect(error?.message).toBe('cannot resolve orders');
  });
});

describe('the error of a failed step', () => {
  const step: StepProgress = {
    instance: 'check',
    state: 'error',
    startedAt: stamp(10e9),
    finishedAt: stamp(20e9),
    error: { code: 'step_failed', message: 'no' },
  };
  const one = (more: Partial<TaskContainer>): TaskContainer => ({
    ...{ streamId: 'a/b', source: 'orders-0', role: 'component', running: true, attempt: 1, pod: 'orders-0', ...more },
  });
  const there = () => true;

  test('names a component that is gone without a trace as lost to the infrastructure', () => {
    const error = blameComponents(step, [one({})], () => false);
    expect(error).toMatchObject({ code: 'component_lost', message: 'no; orders-0 was deleted' });
  });

  test('names one that was started again only if it died while the step ran', () => {
    const again = one({ streamId: 'a/c' });
    const died = (second: number) => one({ running: false, exitCode: 1, finishedAt: stamp(second * 1e9) });
    expect(blameComponents(step, [died(15), again], there)?.message).toContain('exit code 1 5 s before');
    expect(blameComponents(step, [died(5), again], there)?.message).toBe('no');
    expect(blameComponents(step, [died(25)], there)?.message).toBe('no');
  });

  test('of another kind stays, as do those of steps that have not failed', () => {
    const error = { code: 'input_invalid', message: 'no' } as const;
    expect(blameComponents({ ...step, error }, [one({})], () => false)).toBe(error);
    expect(blameComponents({ instance: 'check', state: 'success' }, [one({})], () => false)).toBeUndefined();
  });
});

import { afterAll, describe, expect, test } from '@jest/globals';
import type { StepGrant, StepRecord } from '../../../src/model/ports/steps.ts';
import { openStore } from '../../support/adapters/mongodb/open-store.ts';

const { store, close } = await openStore();
const { steps } = store;
afterAll(close);

const step = (instance: string, state: StepRecord['state']): StepRecord => ({ instance, state });
const writer = (epoch: number, number = 1, runId = 'run-1') => ({ runId, epoch, try: number });

async function granted(...request: Parameters<typeof steps.grant>): Promise<StepGrant> {
  const grant = await steps.grant(...request);
  if (!grant) throw new Error('the grant was refused');
  return grant;
}

describe('the store of steps', () => {
  test('returns steps in the order of their first write, each as it was written last', async () => {
    const grant = await granted('order', 1, writer(1));
    expect(await steps.write(grant, [step('b', 'success'), step('a', 'running')])).toBe(true);
    expect(await steps.write(grant, [step('a', 'error'), step('c', 'running')])).toBe(true);
    expect(await steps.read('order', 1)).toEqual({
      runId: 'run-1',
      steps: [step('b', 'success'), step('a', 'error'), step('c', 'running')],
    });
    expect(await steps.read('order', 2)).toBeUndefined();
  });

  test('refuses a grant to an earlier epoch or try of the same run, and repeats it for the same writer', async () => {
    await granted('epochs', 1, writer(2, 3));
    expect(await steps.grant('epochs', 1, writer(1, 9))).toBeUndefined();
    expect(await steps.grant('epochs', 1, writer(2, 2))).toBeUndefined();
    expect(await steps.grant('epochs', 1, writer(2, 3))).toBeDefined();
    expect(await steps.grant('epochs', 1, writer(3))).toBeDefined();
  });

  test('refuses a write of a step that a later writer has written', async () => {
    const early = await granted('fence', 1, writer(1));
    await steps.write(early, [step('a', 'running')]);
    const late = await granted('fence', 1, writer(1, 2));
    expect(await steps.write(late, [step('a', 'success')])).toBe(true);
    expect(await steps.write(early, [step('a', 'running')])).toBe(false);
    expect((await steps.read('fence', 1))?.steps).toEqual([step('a', 'success')]);
  });

  test('grants another run only a takeover, which discards the steps of the previous run', async () => {
    const before = await granted('reset', 1, writer(5));
    await steps.write(before, [step('a', 'success'), step('b', 'running')]);
    expect(await steps.grant('reset', 1, writer(1, 1, 'run-2'))).toBeUndefined();
    const after = await granted('reset', 1, writer(1, 1, 'run-2'), { takeOver: true });
    expect(await steps.read('reset', 1)).toEqual({ runId: 'run-2', steps: [] });
    await steps.write(after, [step('a', 'running')]);
    // A follower of the previous run that does not know of the reset yet.
    await steps.write(before, [step('b', 'error')]);
    expect(await steps.write(before, [step('a', 'error')])).toBe(false);
    expect(await steps.read('reset', 1)).toEqual({ runId: 'run-2', steps: [step('a', 'running')] });
  });

  test('deletes the steps of all attempts', async () => {
    for (const attempt of [1, 2]) await steps.write(await granted('gone', attempt, writer(1)), [step('a', 'success')]);
    await steps.delete('gone', 2);
    expect([await steps.read('gone', 1), await steps.read('gone', 2)]).toEqual([undefined, undefined]);
  });
});

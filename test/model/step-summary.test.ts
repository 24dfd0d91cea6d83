import { expect, test } from '@jest/globals';
import type { StepProgress } from '../../src/model/step.ts';
import { sumUp } from '../../src/model/step-summary.ts';

const failed = (count: number): StepProgress[] =>
  Array.from({ length: count }, (_, n): StepProgress => {
    const error = { code: 'step_failed' as const, message: 'x'.repeat(50_000) };
    return { instance: `step-${1000 + n}`, state: 'error', error };
  });
const running = (count: number): StepProgress[] =>
  Array.from({ length: count }, (_, n): StepProgress => ({ instance: `step-${5000 + n}`, state: 'running' }));

test('the summary of steps, which heartbeats and results carry, does not grow with the steps that failed or run', () => {
  const sizeOf = (count: number): number => JSON.stringify(sumUp([...failed(count), ...running(count)])).length;
  expect(sizeOf(20)).toBeLessThan(25_000);
  // But for the digits of two counts.
  expect(sizeOf(900) - sizeOf(20)).toBeLessThanOrEqual(2);
});

test('the summary of steps names the one by which the test has failed, wherever in the flow it is', () => {
  const { failed: named, counts } = sumUp(failed(900), 'step-1899');
  expect([named.length, named.at(-1)?.instance, counts]).toEqual([10, 'step-1899', { error: 900 }]);
});

import { expect, test } from '@jest/globals';
import type { StepProgress } from '../../src/model/step.ts';
import { summarizeSteps } from '../../src/model/step-summary.ts';

const failed = (count: number): StepProgress[] =>
  Array.from({ length: count }, (_, n): StepProgress => {
    const error = { code: 'step_failed' as const, message: 'x'.repeat(50_000) };
    return { instance: `step-${1000 + n}`, state: 'error', error };
  });
const running = (count: number): StepProgress[] =>
  Array.from({ length: count }, (_, n): StepProgress => ({ instance: `step-${5000 + n}`, state: 'running' }));

test('the step summary does not grow with the number of failed or running steps', () => {
  const sizeOf = (count: number): number =>
    JSON.stringify(summarizeSteps([...failed(count), ...running(count)])).length;
  expect(sizeOf(20)).toBeLessThan(25_000);
  // Except for the digits of two counts.
  expect(sizeOf(900) - sizeOf(20)).toBeLessThanOrEqual(2);
});

test('the step summary includes the step that made the test fail, anywhere in the flow', () => {
  const { failed: named, counts } = summarizeSteps(failed(900), 'step-1899');
  expect([named.length, named.at(-1)?.instance, counts]).toEqual([10, 'step-1899', { error: 900 }]);
});

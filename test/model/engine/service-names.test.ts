import { expect, test } from '@jest/globals';
import { serviceName } from '../../../src/model/engine/service-names.ts';

const testId = '0badcafe';

test.each([
  ['Greeter_2', 1, 'greeter-2-0badcafe'],
  ['greeter', 3, 'greeter-0badcafe-3'],
  ['2nd', 1, 'i-2nd-0badcafe'],
  ['a'.repeat(40), 1, `${'a'.repeat(40)}-0badcafe`],
])('the objects of instance %s in attempt %d are named %s', (instance, attempt, name) => {
  expect(serviceName({ instance, testId, attempt })).toBe(name);
});

test('names too long for a StatefulSet are cut and stay unique per instance', () => {
  const [one, other] = ['x', 'y'].map((end) =>
    serviceName({ instance: `1${'a'.repeat(38)}${end}`, testId, attempt: 12 }),
  );
  expect(one).toMatch(/^i-1a+-[0-9a-f]{6}-0badcafe-12$/);
  expect(one).toHaveLength(52);
  expect(other).not.toBe(one);
});

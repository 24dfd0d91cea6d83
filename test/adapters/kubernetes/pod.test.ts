import { describe, expect, test } from '@jest/globals';
import { hasEnded, podSchema } from '../../../src/adapters/kubernetes/pod.ts';

const ended = (exitCode: number) => ({ terminated: { exitCode } });
const running = { running: {} };

function pod(restartPolicy: string, states: object[], { phase = 'Running', containers = states.length } = {}) {
  return podSchema.parse({
    metadata: { name: 'a', uid: 'u', creationTimestamp: '2026-11-24T00:00:00Z' },
    spec: { restartPolicy, containers: Array.from({ length: containers }, (_, index) => ({ name: `c${index}` })) },
    status: { phase, containerStatuses: states.map((state, index) => ({ name: `c${index}`, restartCount: 0, state })) },
  });
}

describe('a pod has ended for good', () => {
  test.each([
    ['once its phase says so', pod('Always', [], { phase: 'Failed', containers: 1 }), true],
    ['when its containers have delivered their verdicts', pod('OnFailure', [ended(0), ended(0)]), true],
    ['when they are not restarted, however they ended', pod('Never', [ended(3)]), true],
    ['but not while one of them runs', pod('OnFailure', [ended(0), running]), false],
    ['nor while one has not begun', pod('OnFailure', [ended(0)], { containers: 2 }), false],
    ['nor when one will be started again', pod('OnFailure', [ended(3)]), false],
    ['nor when all always are', pod('Always', [ended(0)]), false],
  ])('%s', (_, one, expected) => {
    expect(hasEnded(one)).toBe(expected);
  });
});

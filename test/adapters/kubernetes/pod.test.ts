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

describe('hasEnded', () => {
  test.each([
    ['true when the phase of the pod is Failed', pod('Always', [], { phase: 'Failed', containers: 1 }), true],
    [
      'true when all containers with restartPolicy OnFailure have succeeded',
      pod('OnFailure', [ended(0), ended(0)]),
      true,
    ],
    ['true when a failed container has restartPolicy Never', pod('Never', [ended(3)]), true],
    ['false while a container runs', pod('OnFailure', [ended(0), running]), false],
    ['false while a container has not started', pod('OnFailure', [ended(0)], { containers: 2 }), false],
    ['false when a failed container has restartPolicy OnFailure', pod('OnFailure', [ended(3)]), false],
    ['false when containers have restartPolicy Always', pod('Always', [ended(0)]), false],
  ])('returns %s', (_title, one, expected) => {
    expect(hasEnded(one)).toBe(expected);
  });
});

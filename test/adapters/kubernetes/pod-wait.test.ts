import { describe, expect, test } from '@jest/globals';
import { podSchema } from '../../../src/adapters/kubernetes/pod.ts';
import { waitOf } from '../../../src/adapters/kubernetes/pod-wait.ts';

const scheduledAt = '2026-11-30T10:00:05Z';
const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: scheduledAt };
const pod = (status: object, metadata: object = {}) =>
  podSchema.parse({
    metadata: {
      name: 'test-runner-ab',
      uid: 'u',
      creationTimestamp: '2026-11-30T10:00:00Z',
      labels: { testid: 'ab', apptype: 'testrunner', 'brightbird.dev/role': 'runner' },
      ...metadata,
    },
    spec: { containers: [{ name: 'runner' }] },
    status,
  });
const container = (state: object, more: object = {}) => ({
  containerStatuses: [{ name: 'runner', restartCount: 0, state, ...more }],
});
const creating = container({ waiting: { reason: 'ContainerCreating' } });
const eventsOf = (...lines: string[]): string => `; its events:\n${lines.join('\n')}`;

describe('waitOf', () => {
  test.each([
    [
      'unschedulable',
      '0/1 nodes are available: 1 Insufficient cpu.',
      {
        conditions: [{ ...scheduled, status: 'False', message: '0/1 nodes are available: 1 Insufficient cpu.' }],
      },
      '',
    ],
    [
      'image_pull',
      'ImagePullBackOff: Back-off pulling image "x"',
      {
        conditions: [scheduled],
        ...container({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' } }),
      },
      '',
    ],
    [
      'image_pull',
      'Pulling: Pulling image "x"',
      { conditions: [scheduled], ...creating },
      eventsOf('Scheduled: assigned', 'Pulling: Pulling image "x"'),
    ],
    [
      'volume_mount',
      'FailedMount: MountVolume.SetUp failed for volume "nfs" : timed out',
      { conditions: [scheduled], ...creating },
      eventsOf('Scheduled: assigned', 'FailedMount: MountVolume.SetUp failed for volume "nfs" : timed out'),
    ],
    ['container_creating', 'its node prepares its containers', { conditions: [scheduled], ...creating }, ''],
    [
      'restart_backoff',
      'back-off 20s restarting failed container',
      {
        phase: 'Running',
        ...container(
          { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 20s restarting failed container' } },
          { lastState: { terminated: { exitCode: 1, finishedAt: scheduledAt } } },
        ),
      },
      '',
    ],
  ])("returns %s with the cluster's message and the time since when: %s", (reason, message, status, events) => {
    expect(waitOf(pod(status), events)).toEqual({
      reason,
      message,
      since: '2026-11-30T10:00:05.000Z',
      source: 'runner',
      pod: { name: 'test-runner-ab', uid: 'u', role: 'runner' },
    });
  });

  test('returns the creation time of an unprocessed pod, and the source of its component', () => {
    const labels = {
      testid: 'ab',
      apptype: 'component',
      'brightbird.dev/instance': 'orders',
      'apps.kubernetes.io/pod-index': '0',
    };
    expect(waitOf(pod({}, { labels }), '')).toMatchObject({
      reason: 'unschedulable',
      since: '2026-11-30T10:00:00.000Z',
      source: 'orders-0',
      pod: { role: 'component' },
    });
  });

  test.each([
    ['runs', { phase: 'Running', ...container({ running: {} }) }, {}],
    ['has ended', { phase: 'Failed' }, {}],
    ['is being deleted', {}, { deletionTimestamp: scheduledAt }],
  ])('returns undefined once the pod %s', (_title, status, metadata) => {
    expect(waitOf(pod(status, metadata), '')).toBeUndefined();
  });
});

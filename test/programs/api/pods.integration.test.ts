import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TaskContainer } from '../../../src/model/container.ts';
import { addLines, aTask } from '../../support/adapters/mongodb/records.ts';
import { openApi, type TestApi } from '../../support/programs/api/harness.ts';
import { listen } from '../../support/programs/api/sse.ts';

let api: TestApi;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const stamp = (second: number) => `2026-11-24T10:00:${String(second).padStart(2, '0')}.000000000Z`;

/** Creates a container of a pod `uid`, as its follower reports it. */
const seen = (streamId: string, more: Partial<TaskContainer> = {}): TaskContainer => ({
  streamId,
  attempt: 1,
  pod: 'test-runner-ab',
  source: 'runner',
  role: 'runner',
  running: true,
  startedAt: stamp(0),
  ...more,
});
const begin = (name: string, more = {}) =>
  api.store.tasks.open(aTask(name, 1, { state: 'running', ...more }), () => name);

describe('the pods of a task', () => {
  test('are listed by attempt and start, with each start of a container and its state', async () => {
    const { id } = await begin('pods', { attempt: 2 });
    const { containers } = api.store;
    const ended = { running: false, finishedAt: stamp(9), exitCode: 137, outOfMemory: true, container: 'main' };
    await containers.put(
      id,
      seen('uid-2/c', { attempt: 2, pod: 'test-runner-ab-2', container: 'main', startedAt: stamp(1) }),
    );
    await containers.put(id, seen('uid-1/b', { container: 'main', restarts: 1, startedAt: stamp(10) }));
    await containers.put(id, seen('uid-1/a', { ...ended, restarts: 0 }));
    const component = { pod: 'greeter-ab-0', source: 'greeter-0', role: 'component' as const };
    await containers.put(id, seen('uid-3/d', { ...component, attempt: 2, startedAt: stamp(2) }));
    const { items } = (await api.get(`/tasks/${id}/pods`)).body;
    expect(items.map((pod: { name: string; attempt: number }) => `${pod.name} ${pod.attempt}`)).toEqual([
      'test-runner-ab 1',
      'test-runner-ab-2 2',
      'greeter-ab-0 2',
    ]);
    expect(items[0]).toEqual({
      name: 'test-runner-ab',
      uid: 'uid-1',
      attempt: 1,
      role: 'runner',
      containers: [
        {
          id: 'a',
          name: 'main',
          source: 'runner',
          state: 'ended',
          startedAt: stamp(0),
          finishedAt: stamp(9),
          exitCode: 137,
          outOfMemory: true,
          restarts: 0,
        },
        { id: 'b', name: 'main', source: 'runner', state: 'removed', startedAt: stamp(10), restarts: 1 },
      ],
      logs: `/api/v1/tasks/${id}/logs?pod=test-runner-ab&attempt=1`,
    });
    expect(items[2]).toMatchObject({ role: 'component', containers: [{ name: 'greeter-ab-0', state: 'running' }] });
  });

  test('are listed with the reason of their wait before a container exists', async () => {
    const { id } = await begin('waits');
    const since = '2026-11-30T10:00:00.000Z';
    const waiting = { reason: 'unschedulable' as const, message: '0/1 nodes', since, source: 'runner' };
    const backoff = { reason: 'restart_backoff' as const, message: 'back-off 20s', since, source: 'orders-0' };
    await api.store.containers.put(id, seen('uid-2/a', { pod: 'orders-ab-0', source: 'orders-0', role: 'component' }));
    await api.store.tasks.recordWaits(id, { runId: 'run-1', attempt: 1 }, [
      { ...waiting, pod: { name: 'test-runner-ab', uid: 'uid-1', role: 'runner' } },
      { ...backoff, pod: { name: 'orders-ab-0', uid: 'uid-2', role: 'component' } },
    ]);
    const { items } = (await api.get(`/tasks/${id}/pods`)).body;
    expect(items).toEqual([
      expect.objectContaining({ name: 'orders-ab-0', waiting: backoff }),
      {
        name: 'test-runner-ab',
        uid: 'uid-1',
        attempt: 1,
        role: 'runner',
        containers: [],
        waiting,
        logs: `/api/v1/tasks/${id}/logs?pod=test-runner-ab&attempt=1`,
      },
    ]);
    expect((await api.get(`/tasks/${id}`)).body.waiting).toEqual(waiting);
    const listed = (await api.get('/tasks?state=running')).body.items;
    expect(listed.find((task: { id: string }) => task.id === id).waiting).toEqual(waiting);
  });

  test('are removed when the task has ended while they ran', async () => {
    const { id } = await begin('settled');
    await api.store.containers.put(id, seen('uid/x'));
    const state = async () => (await api.get(`/tasks/${id}/pods`)).body.items[0].containers[0].state;
    expect(await state()).toBe('running');
    await api.store.tasks.project(id, { runId: 'run-1', epoch: 2 }, { state: 'canceled' });
    expect(await state()).toBe('removed');
  });

  test('show the external cause of a container exit, but not the deadline of a stopped runner', async () => {
    const fault = { code: 'run_timeout', message: 'it ran longer than its activeDeadlineSeconds' } as const;
    const end = { running: false, finishedAt: stamp(9), exitCode: 143, fault };
    for (const [name, outcome] of [
      ['late', 'timeout'],
      ['stopped', 'stopped'],
    ] as const) {
      const { id } = await begin(`fault-${name}`, { state: 'error', outcome });
      await api.store.containers.put(id, seen('uid/x', end));
      const [container] = (await api.get(`/tasks/${id}/pods`)).body.items[0].containers;
      expect(container.fault).toEqual(outcome === 'timeout' ? fault : undefined);
    }
  });

  test('are empty for a task that has not started, and return 404 for an unknown task', async () => {
    const { id } = await begin('empty');
    expect((await api.get(`/tasks/${id}/pods`)).body).toEqual({ items: [] });
    expect((await api.get('/tasks/unknown-1/pods')).status).toBe(404);
  });

  test('show the latest observation of a container, in whatever order two followers write', async () => {
    const { id } = await begin('late');
    const { containers } = api.store;
    const first = seen('uid/x');
    const end = { ...first, running: false, finishedAt: stamp(5), exitCode: 0 };
    await Promise.all([containers.put(id, end), containers.put(id, first), containers.put(id, seen('uid/y'))]);
    await containers.put(id, first);
    const [one, other] = (await containers.list(id)).sort((a, b) => a.streamId.localeCompare(b.streamId));
    expect([one?.exitCode, other?.running]).toEqual([0, true]);
    await containers.delete(id);
    expect(await containers.list(id)).toEqual([]);
  });
});

describe('the log of a task', () => {
  const hits = ['error: one', 'fine', 'Error: two', 'error: three'];

  test('can be searched page by page', async () => {
    const { id } = await begin('searched');
    await addLines(api.store.logs, { taskId: id }, 0, 1, hits);
    const page = async (query: string) => (await api.get(`/tasks/${id}/logs?${query}`)).body;
    const texts = ({ items }: { items: { text: string }[] }) => items.map(({ text }) => text);
    const first = await page('text=error:&limit=1');
    expect([texts(first), first.ended]).toEqual([['error: one'], false]);
    expect(texts(await page(`text=error:&after=${first.nextCursor}`))).toEqual(['error: three']);
    expect(texts(await page('text=error:&ignoreCase=true'))).toEqual(['error: one', 'Error: two', 'error: three']);
    expect(texts(await page('text=error:&step=say'))).toEqual(['error: one', 'error: three']);
    expect(texts(await page('text=error:&source=greeter-0'))).toEqual([]);
    for (const bad of ['text=', 'text=x&ignoreCase=perhaps', `text=${'x'.repeat(1001)}`]) {
      expect((await api.get(`/tasks/${id}/logs?${bad}`)).status).toBe(400);
    }
  });

  test('can be searched live until its end', async () => {
    const { id } = await begin('searched-live');
    await addLines(api.store.logs, { taskId: id }, 0, 1, hits);
    const live = await listen(api.api, `/api/v1/tasks/${id}/logs?text=error:`);
    expect(await live.lines(2)).toEqual(['error: one', 'error: three']);
    await addLines(api.store.logs, { taskId: id }, 1, 5, ['fine again', 'error: four']);
    expect(await live.lines(1)).toEqual(['error: four']);
    const place = live.lastId();
    await addLines(api.store.logs, { taskId: id }, 2, 7, ['error: five']);
    await api.store.tasks.project(id, { runId: 'run-1', epoch: 2 }, { state: 'success' });
    expect(await live.rest()).toEqual(['error: five']);
    const again = await listen(api.api, `/api/v1/tasks/${id}/logs?text=error:`, { 'last-event-id': place ?? '' });
    expect(await again.rest()).toEqual(['error: five']);
  });
});

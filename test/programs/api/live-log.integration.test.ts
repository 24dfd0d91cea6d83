import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { StepSpec } from '../../../src/model/flow.ts';
import type { Task } from '../../../src/model/task.ts';
import { addLines, aTask } from '../../support/adapters/mongodb/records.ts';
import { openApi, type TestApi } from '../../support/programs/api/harness.ts';
import { listen } from '../../support/programs/api/sse.ts';

let api: TestApi;
/** Reads of each task's record: in progress, maximum in parallel, and total. */
const looks = new Map<string, { now: number; most: number; all: number }>();
beforeAll(async () => {
  api = await openApi({
    wrap: (store) => ({
      ...store,
      tasks: {
        ...store.tasks,
        async summary(id) {
          const seen = looks.get(id) ?? { now: 0, most: 0, all: 0 };
          looks.set(id, seen);
          seen.all += 1;
          seen.now += 1;
          seen.most = Math.max(seen.most, seen.now);
          // Long enough for a second poller to start, if there were one.
          await new Promise((resolve) => setTimeout(resolve, 5));
          return store.tasks.summary(id).finally(() => {
            seen.now -= 1;
          });
        },
      },
    }),
  });
});
afterAll(() => api.close());

const begin = (name: string) => api.store.tasks.open(aTask(name, 1, { state: 'running' }), (n) => `${name}-${n}`);
const settle = (taskId: string) => api.store.tasks.project(taskId, { runId: 'run-1', epoch: 2 }, { state: 'success' });
const url = (taskId: string, query = '') => `/api/v1/tasks/${taskId}/logs${query}`;
const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `line ${from + n}`);

describe('pages of a log', () => {
  test('continue after the previous page, filter by step and source, and mark gaps', async () => {
    const { id: taskId } = await begin('paged');
    await addLines(api.store.logs, { taskId }, 0, 1, numbered(1, 5));
    await addLines(api.store.logs, { taskId, source: 'greeter-0' }, 0, 1, ['ready']);
    const first = (await api.get(`/tasks/${taskId}/logs?limit=4&source=runner`)).body;
    expect(first.items[0]).toMatchObject({ seq: 1, source: 'runner', step: 'say', stream: 'out', text: 'line 1' });
    expect(first.ended).toBe(false);
    const second = (await api.get(`/tasks/${taskId}/logs?limit=4&source=runner&after=${first.nextCursor}`)).body;
    expect(second).toMatchObject({ items: [{ seq: 5, text: 'line 5' }], ended: true });
    const third = (await api.get(`/tasks/${taskId}/logs?source=runner&after=${second.nextCursor}`)).body;
    expect(third.items).toEqual([]);
    expect((await api.get(`/tasks/${taskId}/logs?source=greeter-0`)).body.items).toHaveLength(1);
  });

  test('are rejected, like streams, for an unknown task or cursor before anything is sent', async () => {
    const { id: taskId } = await begin('refused');
    for (const accept of ['application/json', 'text/event-stream']) {
      expect((await api.get('/tasks/unknown-1/logs', { accept })).status).toBe(404);
      const answer = await api.get(`/tasks/${taskId}/logs?after=nonsense`, { accept });
      expect(answer).toMatchObject({ status: 400, body: { where: { path: 'after' } } });
    }
    const headers = { accept: 'text/event-stream', 'last-event-id': 'nonsense' };
    expect((await api.get(`/tasks/${taskId}/logs`, headers)).status).toBe(400);
  });
});

describe('a log request for a missing part of a task', () => {
  const pipeline = [
    { instance: 'Stock_db', plugin: 'stock', version: 'v1.0.0', input: {} },
    { instance: 'check', plugin: 'bash', version: 'v1.0.0', input: {} },
  ] as unknown as StepSpec[];
  const ended: Partial<Task> = { state: 'success', attempt: 2, pipeline };
  const make = async (name: string, more: Partial<Task>) => {
    const { id } = await api.store.tasks.open(aTask(name, 1, more), (n) => `${name}-${n}`);
    await addLines(api.store.logs, { taskId: id }, 0, 1, ['hello']);
    await addLines(api.store.logs, { taskId: id, source: 'stock-db-0' }, 0, 1, ['ready']);
    return id;
  };

  test('is rejected with the existing parts, for pages and streams', async () => {
    const id = await make('parts', ended);
    for (const accept of ['application/json', 'text/event-stream']) {
      for (const [query, path, detail, hint] of [
        ['step=chekc', 'step', 'no step "chekc"', 'its steps: Stock_db, check'],
        ['source=greeter-0', 'source', 'no source "greeter-0"', 'its sources: runner, stock-db-0'],
        ['source=build:stock', 'source', 'no source "build:stock"', 'its sources: runner, stock-db-0'],
        ['pod=parts-1', 'pod', 'no pod "parts-1"', 'it has no pods'],
        ['attempt=3', 'attempt', 'no attempt 3', 'its attempts are 1 to 2'],
      ]) {
        const answer = await api.get(`/tasks/${id}/logs?${query}`, { accept: accept ?? '' });
        expect(answer).toMatchObject({ status: 404, body: { code: 'not_found', where: { path }, hint } });
        expect(answer.body.detail).toContain(`task ${id} has ${detail}`);
      }
    }
    for (const route of ['artifacts', 'testcases', 'artifacts/content?step=check&path=x&']) {
      const answer = await api.get(`/tasks/${id}/${route}${route.includes('?') ? '' : '?'}attempt=3`);
      expect(answer).toMatchObject({ status: 404, body: { hint: 'its attempts are 1 to 2' } });
    }
  });

  test('is accepted while the part may still appear, and rejected otherwise', async () => {
    const id = await make('coming', { ...ended, state: 'running', attempt: 1 });
    for (const query of [
      'step=check',
      'source=build:stock',
      'source=stock-db-7',
      'source=Stock_db-7',
      'pod=stock-db-coming-0-0',
      'attempt=1',
    ]) {
      expect([query, (await api.get(`/tasks/${id}/logs?${query}`)).status]).toEqual([query, 200]);
    }
    for (const query of ['step=other', 'source=build:bash2', 'source=other', 'pod=other', 'attempt=2']) {
      expect([query, (await api.get(`/tasks/${id}/logs?${query}`)).status]).toEqual([query, 404]);
    }
    expect((await api.get(`/tasks/${id}/logs?source=other`)).body.hint).toBe('its sources so far: runner, stock-db-0');
    const accepted = await make('accepted', { ...ended, state: 'init', pipeline: [] });
    expect((await api.get(`/tasks/${accepted}/logs?step=anything&source=anything`)).status).toBe(200);
  });
});

describe('a live log', () => {
  test('sends every line once and then the end to two listeners with one poller of MongoDB', async () => {
    const { id: taskId } = await begin('two');
    await addLines(api.store.logs, { taskId }, 0, 1, numbered(1, 3));
    const [one, other] = [await listen(api.api, url(taskId)), await listen(api.api, url(taskId, '?source=runner'))];
    expect([await one.lines(3), await other.lines(3)]).toEqual([numbered(1, 3), numbered(1, 3)]);
    looks.set(taskId, { now: 0, most: 0, all: 0 });
    await addLines(api.store.logs, { taskId }, 1, 4, numbered(4, 6));
    expect([await one.lines(3), await other.lines(3)]).toEqual([numbered(4, 6), numbered(4, 6)]);
    await addLines(api.store.logs, { taskId, source: 'greeter-0' }, 0, 1, ['ready']);
    expect(await one.lines(1)).toEqual(['ready']);
    expect(looks.get(taskId)?.most).toBe(1);
    await addLines(api.store.logs, { taskId }, 2, 7, numbered(7, 9));
    await settle(taskId);
    expect([await one.rest(), await other.rest()]).toEqual([numbered(7, 9), numbered(7, 9)]);
    expect([await one.next(), await other.next()]).toEqual([undefined, undefined]);
  });

  test('sends the whole log of a settled task and the end at once, even if it is empty', async () => {
    const { id: taskId } = await begin('settled');
    await settle(taskId);
    expect(await (await listen(api.api, url(taskId))).rest()).toEqual([]);
    for (let n = 0; n < 5; n += 1) {
      await addLines(api.store.logs, { taskId }, n, n * 500 + 1, numbered(n * 500 + 1, n * 500 + 500));
    }
    expect(await (await listen(api.api, url(taskId))).rest()).toEqual(numbered(1, 2500));
  });

  test('neither loses nor repeats a line for a listener that reconnects with Last-Event-ID', async () => {
    const { id: taskId } = await begin('resumed');
    const got: string[] = [];
    let lastId: string | undefined;
    for (let n = 0; n < 6; n += 1) {
      const live = await listen(api.api, url(taskId), lastId === undefined ? {} : { 'last-event-id': lastId });
      // Lines arrive both while it listens and while no client does.
      await addLines(api.store.logs, { taskId }, 2 * n, n * 20 + 1, numbered(n * 20 + 1, n * 20 + 10));
      got.push(...(await live.lines(1)));
      lastId = live.lastId();
      await live.hangUp();
      await addLines(api.store.logs, { taskId }, 2 * n + 1, n * 20 + 11, numbered(n * 20 + 11, n * 20 + 20));
    }
    await settle(taskId);
    got.push(...(await (await listen(api.api, url(taskId), { 'last-event-id': lastId ?? '' })).rest()));
    expect(got).toEqual(numbered(1, 120));
  });

  test('stops the poller when the last listener disconnects, and starts it for the next', async () => {
    const { id: taskId } = await begin('quiet');
    const server = serve({ fetch: api.api.fetch, port: 0, hostname: '127.0.0.1' });
    await once(server, 'listening');
    try {
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const closing = [1, 2].map(() => new AbortController());
      for (const { signal } of closing) {
        const live = await fetch(address + url(taskId), { signal, headers: { accept: 'text/event-stream' } });
        expect(live.headers.get('content-type')).toContain('text/event-stream');
      }
      const counted = () => looks.get(taskId)?.all ?? 0;
      const before = counted();
      while (counted() < before + 5) await new Promise((resolve) => setTimeout(resolve, 5));
      for (const controller of closing) controller.abort();
      let last = -1;
      // Two equal counts, ten poll intervals apart, prove it; an endless poller fails by the timeout.
      while (last !== counted()) {
        last = counted();
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
      await addLines(api.store.logs, { taskId }, 0, 1, ['hello']);
      const again = await listen(api.api, url(taskId));
      expect(await again.lines(1)).toEqual(['hello']);
      await settle(taskId);
      expect(await again.rest()).toEqual([]);
    } finally {
      server.close();
    }
  });

  test('ends when its task is deleted', async () => {
    const { id: taskId } = await begin('deleted');
    await addLines(api.store.logs, { taskId }, 0, 1, ['hello']);
    const live = await listen(api.api, url(taskId));
    await live.lines(1);
    await api.store.tasks.delete(taskId);
    expect(await live.rest()).toEqual([]);
  });
});

describe('a body that never becomes complete', () => {
  const form = 'content-type: multipart/form-data; boundary=x';
  const signed = `x-github-event: push\r\nx-github-delivery: d\r\nx-hub-signature-256: sha256=${'a'.repeat(64)}`;
  const begun = [
    ['a job', '/api/v1/jobs', 'content-type: application/json', '{"name"'],
    [
      'an upload',
      '/api/v1/plugins',
      form,
      '--x\r\ncontent-disposition: form-data; name="plugin"; filename="p"\r\n\r\nhalf',
    ],
    ['a webhook', '/webhooks/github', `content-type: application/json\r\n${signed}`, '{"ref"'],
  ] as const;
  const framings = [
    ['a length', 'content-length: 900\r\n\r\n'],
    ['chunks', 'transfer-encoding: chunked\r\n\r\n384\r\n'],
  ] as const;
  const leavings = {
    'closes its connection': (socket: Socket) => socket.destroy(),
    'resets its connection': (socket: Socket) => socket.resetAndDestroy(),
    'closes its side of the connection': (socket: Socket) => socket.end(),
    // Until the server's request timeout.
    'sends a byte now and then': (socket: Socket) => {
      const sending = setInterval(() => socket.write(' '), 20);
      socket.once('close', () => clearInterval(sending));
    },
  };
  const table = begun.flatMap((request) =>
    framings.flatMap((framing) => Object.entries(leavings).map((leaving) => [request, framing, leaving] as const)),
  );

  test.each(table.map((row) => [row[0][0], row[1][0], row[2][0], row] as const))(
    'a request for %s with %s causes no server error when its client %s',
    async (_what, _framing, _how, [[, path, headers, body], [, framing], [, leave]]) => {
      const serverOptions = { requestTimeout: 300, connectionsCheckingInterval: 50 };
      const server = serve({ fetch: api.api.fetch, port: 0, hostname: '127.0.0.1', serverOptions });
      await once(server, 'listening');
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      socket.on('error', () => undefined); // The server may end the connection too.
      try {
        const before = api.logged.length;
        const taken = once(server, 'request');
        socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n${framing}${body}`);
        await taken;
        leave(socket);
        const line = () => api.logged.slice(before).find((text) => text.includes(`"path":"${path}"`));
        while (!line()) await new Promise((resolve) => setTimeout(resolve, 5));
        expect(JSON.parse(line() ?? '{}')).toMatchObject({ level: 30, status: 400 });
        expect(api.logged.slice(before).filter((text) => JSON.parse(text).level >= 40)).toEqual([]);
      } finally {
        socket.destroy();
        server.close();
      }
    },
  );
});

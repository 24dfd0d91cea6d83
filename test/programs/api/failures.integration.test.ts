import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectStore } from '../../../src/adapters/mongodb/connect.ts';
import { openMongoProxy } from '../../support/adapters/mongodb/open-mongo-proxy.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { addLines, aTask } from '../../support/adapters/mongodb/records.ts';
import { openApi } from '../../support/programs/api/harness.ts';
import { listen } from '../../support/programs/api/sse.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

describe('while MongoDB does not answer', () => {
  test('requests and readyz return 503, healthz returns 200, and a live log resumes when MongoDB is back', async () => {
    const { way, uri } = await openMongoProxy(opened.uri);
    const store = await connectStore(uri, 300);
    const api = await openApi({ wrap: () => store });
    try {
      const { id: taskId } = await opened.store.tasks.open(aTask('cut', 1, { state: 'running' }), () => 'cut');
      await addLines(opened.store.logs, { taskId }, 0, 1, ['before']);
      const live = await listen(api.api, `/api/v1/tasks/${taskId}/logs`);
      expect(await live.lines(1)).toEqual(['before']);
      await way.down();
      const answer = await api.get('/jobs');
      expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable', detail: 'MongoDB does not answer' } });
      expect(JSON.stringify(answer.body)).not.toContain('127.0.0.1');
      const ready = await api.send('/readyz', {});
      expect(ready).toMatchObject({ status: 503, body: { errors: [{ path: 'MongoDB' }] } });
      expect((await api.send('/healthz', {})).body).toEqual({ status: 'ok' });
      await expect(connectStore(uri, 300)).rejects.toMatchObject({ code: 'unavailable' });
      await way.up();
      await addLines(opened.store.logs, { taskId }, 1, 2, ['after']);
      expect(await live.lines(1)).toEqual(['after']);
      await live.hangUp();
      expect((await api.send('/readyz', {})).status).toBe(200);
    } finally {
      await store.close();
      await api.close();
      await way.down();
    }
  });
});

test('while Temporal does not answer, readyz reports it, and reads succeed', async () => {
  const api = await openApi();
  try {
    api.orchestrator.down = true;
    const ready = await api.send('/readyz', {});
    expect(ready).toMatchObject({ status: 503, body: { code: 'unavailable', errors: [{ path: 'Temporal' }] } });
    expect((await api.get('/jobs')).status).toBe(200);
  } finally {
    await api.close();
  }
});

test('an unexpected error returns only the request id to the client, and logs the details', async () => {
  const api = await openApi({
    wrap: (store) => ({
      ...store,
      jobs: { ...store.jobs, list: () => Promise.reject(new Error('password is hunter2')) },
    }),
  });
  try {
    const { status, body, headers } = await api.get('/jobs', { 'x-request-id': 'my-request-1' });
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: 'internal', requestId: 'my-request-1' });
    expect(headers.get('x-request-id')).toBe('my-request-1');
    expect(JSON.stringify(body)).not.toContain('hunter2');
    expect(api.logged.find((line) => line.includes('hunter2'))).toContain('my-request-1');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  } finally {
    await api.close();
  }
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { aTask } from '../store/records.ts';
import { openApi, type TestApi } from './harness.ts';

let api: TestApi;
beforeAll(async () => {
  api = await openApi();
  const { tasks, artifacts } = api.store;
  await tasks.open(aTask('files', 1, { attempt: 2 }), () => 'filesfil');
  const put = (attempt: number, step: string, path: string, text: string) =>
    artifacts.put('files-1', attempt, { step, path, size: Buffer.byteLength(text) }, 0, Buffer.from(text));
  await put(1, 'check', 'first.txt', 'of the first attempt');
  await put(2, 'check', 'out/page ü.html', '<script>alert(1)</script>');
  await put(2, 'check', 'out/junit.xml', '<testsuite name="s"><testcase name="works" time="2"/></testsuite>');
  await put(2, 'check', 'pom.xml', '<project/>');
  await put(2, 'other', 'broken.xml', '<testsuite>');
});
afterAll(() => api.close());

describe('the files of a task', () => {
  test('are listed for its newest attempt, and for one that is asked for', async () => {
    const { body } = await api.get('/tasks/files-1/artifacts');
    expect(body.items.map(({ step, path }: { step: string; path: string }) => `${step} ${path}`)).toEqual([
      'check out/junit.xml',
      'check out/page ü.html',
      'check pom.xml',
      'other broken.xml',
    ]);
    const first = await api.get('/tasks/files-1/artifacts?attempt=1');
    expect(first.body.items).toEqual([
      {
        step: 'check',
        path: 'first.txt',
        size: 20,
        complete: true,
        content: '/api/v1/tasks/files-1/artifacts/content?attempt=1&step=check&path=first.txt',
      },
    ]);
  });

  test('are given as downloads, which no browser shows as a page', async () => {
    const { body } = await api.get('/tasks/files-1/artifacts');
    const url = body.items[1].content.replace('/api/v1', '');
    const answer = await api.api.request(`/api/v1${url}`);
    const { status, headers } = answer;
    expect([status, await answer.text()]).toEqual([200, '<script>alert(1)</script>']);
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''page%20%C3%BC.html");
  });

  test.each([
    '/tasks/files-1/artifacts/content?step=check&path=../first.txt',
    '/tasks/files-1/artifacts/content?step=other&path=pom.xml',
    '/tasks/none-1/artifacts',
    '/tasks/none-1/testcases',
  ])('that are not there are not found: %s', async (url) => {
    expect(await api.get(url)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test('are asked for with what names them', async () => {
    expect(await api.get('/tasks/files-1/artifacts/content?step=check')).toMatchObject({ status: 400 });
  });
});

test('the test cases of a task are those of its JUnit files; XML that is broken is named, other XML is left out', async () => {
  const { body } = await api.get('/tasks/files-1/testcases');
  expect(body).toEqual({
    items: [{ step: 'check', path: 'out/junit.xml', suite: 's', name: 'works', state: 'passed', seconds: 2 }],
    unreadable: [{ step: 'other', path: 'broken.xml', error: expect.objectContaining({ code: 'invalid_request' }) }],
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { aTask } from '../../support/adapters/mongodb/records.ts';
import { openApi, type TestApi } from '../../support/programs/api/harness.ts';

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

describe('artifacts of a task', () => {
  test('are listed for the newest attempt by default, and for a given attempt', async () => {
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
        sizeBytes: 20,
        complete: true,
        content: '/api/v1/tasks/files-1/artifacts/content?attempt=1&step=check&path=first.txt',
      },
    ]);
  });

  test('are sent as downloads, which no browser renders as a page', async () => {
    const { body } = await api.get('/tasks/files-1/artifacts');
    const url = body.items[1].content.replace('/api/v1', '');
    const answer = await api.api.request(`/api/v1${url}`);
    const { status, headers } = answer;
    expect([status, await answer.text()]).toEqual([200, '<script>alert(1)</script>']);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''page%20%C3%BC.html");
  });

  test.each([
    ['a.txt', 'text/plain; charset=utf-8'],
    ['a.log', 'text/plain; charset=utf-8'],
    ['a.PNG', 'image/png'],
    ['a.json', 'application/json'],
    ['junit.xml', 'application/xml'],
    ['latin1.txt', 'text/plain'],
    ['a.tar.gz', 'application/gzip'],
    ['a.zip', 'application/zip'],
    ['a.pdf', 'application/pdf'],
    ['a.webm', 'video/webm'],
    ['a.svg', 'image/svg+xml'],
    ['a.js', 'text/plain; charset=utf-8'],
    ['a.unheard-of', 'application/octet-stream'],
    ['core', 'application/octet-stream'],
  ])('have the media type of their file name: %s', async (path, type) => {
    const data = path === 'latin1.txt' ? Buffer.from('\xfc', 'latin1') : Buffer.from('x');
    await api.store.artifacts.put('files-1', 1, { step: 'types', path, size: data.length }, 0, data);
    const { headers } = await api.api.request(
      `/api/v1/tasks/files-1/artifacts/content?attempt=1&step=types&path=${path}`,
    );
    expect(headers.get('content-type')).toBe(type);
    expect(headers.get('content-disposition')).toMatch(/^attachment;/);
  });

  test.each([
    '/tasks/files-1/artifacts/content?step=check&path=../first.txt',
    '/tasks/files-1/artifacts/content?step=other&path=pom.xml',
    '/tasks/none-1/artifacts',
    '/tasks/none-1/testcases',
  ])('return 404 if missing: %s', async (url) => {
    expect(await api.get(url)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test('require the parameters that identify them', async () => {
    expect(await api.get('/tasks/files-1/artifacts/content?step=check')).toMatchObject({ status: 400 });
  });
});

test('the test cases of a task are read from its JUnit files, with totals; broken and other files are listed', async () => {
  const { body } = await api.get('/tasks/files-1/testcases');
  expect(body).toEqual({
    items: [{ step: 'check', path: 'out/junit.xml', suite: 's', name: 'works', state: 'passed', seconds: 2 }],
    totals: { tests: 1, passed: 1, failed: 0, error: 0, skipped: 0, flaky: 0, seconds: 2 },
    warnings: [
      {
        step: 'check',
        path: 'pom.xml',
        message: 'it is not a JUnit file but XML of another kind: its root is project',
      },
    ],
    unreadable: [{ step: 'other', path: 'broken.xml', error: expect.objectContaining({ code: 'invalid_request' }) }],
  });
});

test('the totals of a task include all its files, and a flaky test case is marked', async () => {
  await api.store.tasks.open(aTask('totals', 1, { attempt: 1 }), () => 'totalsto');
  const put = (step: string, path: string, content: Buffer) =>
    api.store.artifacts.put('totals-1', 1, { step, path, size: content.length }, 0, content);
  const utf16 = '\ufeff<testsuite tests="2"><testcase name="a" time="0.1"><failure/></testcase></testsuite>';
  await put('one', 'a.xml', Buffer.from(utf16, 'utf16le'));
  const flaky =
    '<testsuites><testcase name="b" time="0.2"><flakyError/></testcase><testcase name="c"><skipped/></testcase>';
  await put('two', 'b.XML', Buffer.from(`${flaky}</testsuites>`));
  expect((await api.get('/tasks/totals-1/testcases')).body).toMatchObject({
    items: [
      { step: 'one', name: 'a', state: 'failed' },
      { step: 'two', name: 'b', state: 'passed', flaky: true },
      { name: 'c', state: 'skipped' },
    ],
    totals: { tests: 3, passed: 1, failed: 1, error: 0, skipped: 1, flaky: 1, seconds: 0.3 },
    warnings: [{ step: 'one', path: 'a.xml', message: 'testsuite states tests="2", but 1 test cases were read' }],
    unreadable: [],
  });
});

import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { example, examples, merged, sign, taggedPush } from '../../support/adapters/github/examples.ts';
import { type HookApi, hookHeaders, openHookApi, secret } from '../../support/programs/api/hooks.ts';
import { aMergeJob, aTagJob } from '../../support/services/deliveries/jobs.ts';

const repo = 'Codertocat/Hello-World';
let api: HookApi;
beforeEach(async () => {
  api = await openHookApi([
    aMergeJob('merges', [{ repo, basePattern: '^master$' }]),
    aTagJob('tags', [{ repo: `https://github.com/${repo}.git` }]),
  ]);
  const [component] = await api.system.store.plugins.list();
  if (component) await api.system.store.plugins.replaceAll([{ ...component, repo: `git@github.com:${repo}.git` }]);
});
afterEach(() => api.close());

const records = async () => (await api.system.store.deliveries.list({}, { limit: 200 })).items;

describe('a signed delivery', () => {
  test('gets 202, is stored, and starts the matching jobs for a merge', async () => {
    const answer = await api.deliver('d-1', merged());
    expect(answer).toMatchObject({ status: 202, body: { id: 'd-1', state: 'received' } });
    await api.system.allDone();
    expect(api.system.entities.calls).toEqual([{ job: 'merges', delivery: 'd-1', key: 'delivery/d-1', again: false }]);
    expect(await records()).toMatchObject([{ id: 'd-1', summary: `${repo}: #2 was merged into master`, repo }]);
  });

  test('starts a tag job for each of the three events of a tag', async () => {
    const release = example('release', ({ action }) => action === 'published');
    for (const [n, given] of [example('create'), taggedPush(), release].entries()) {
      expect(await api.deliver(`d-${n}`, given)).toMatchObject({ status: 202 });
    }
    await api.system.allDone();
    expect(api.system.entities.started('tags')).toEqual(['d-0', 'd-1', 'd-2']);
  });

  test('gets 202 with its state when repeated, and starts nothing', async () => {
    await api.deliver('d-1', merged());
    await api.system.allDone();
    const again = await Promise.all(Array.from({ length: 5 }, () => api.deliver('d-1', merged())));
    for (const answer of again) {
      expect(answer).toMatchObject({ status: 202, body: { id: 'd-1', state: 'dispatched' } });
    }
    await api.system.allDone();
    expect(api.system.entities.calls).toHaveLength(1);
    expect(await records()).toHaveLength(1);
  });

  test('gets 202 and is stored with the reason for a ping or an event without rules', async () => {
    expect(await api.deliver('d-1', example('ping'))).toMatchObject({ status: 202, body: { state: 'dispatched' } });
    expect(await api.deliver('d-2', example('issues'))).toMatchObject({ status: 202 });
    const closed = example('pull_request', ({ action }) => action === 'closed');
    expect(await api.deliver('d-3', closed)).toMatchObject({ status: 202 });
    expect((await records()).map(({ id, summary }) => [id, summary]).sort()).toEqual([
      ['d-1', 'Octocoders/Hello-World: a ping: the webhook reaches BrightBird'],
      ['d-2', expect.stringMatching(/rules do not use the event issues\.\w+/)],
      ['d-3', `${repo}: #2 was closed without being merged`],
    ]);
    expect(api.system.entities.calls).toEqual([]);
  });

  test('is accepted at once while Temporal is unavailable', async () => {
    api.system.entities.away = true;
    expect(await api.deliver('d-1', merged())).toMatchObject({ status: 202, body: { state: 'received' } });
    expect(await api.deliver('d-1', merged())).toMatchObject({ status: 202, body: { state: 'received' } });
    api.system.entities.away = false;
    await api.system.allDone();
    expect(api.system.entities.started('merges')).toEqual(['d-1']);
  });

  test('is read as a form as well as JSON', async () => {
    const body = new URLSearchParams({ payload: JSON.stringify(merged().payload) }).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await api.deliver('d-1', { name: 'pull_request', payload: body }, type);
    expect(answer.status).toBe(202);
    await api.system.allDone();
    expect(api.system.entities.started('merges')).toEqual(['d-1']);
  });

  test('is accepted for every example payload of GitHub', async () => {
    const all = examples();
    for (const [n, given] of all.entries()) expect((await api.deliver(`d-${n}`, given)).status).toBe(202);
    await api.system.allDone();
    const listed = new Set((await records()).map(({ id }) => id));
    expect(listed.size).toBe(200);
    expect(api.system.entities.calls.every(({ job }) => job === 'tags')).toBe(true);
  });

  test('stores only the fields of its payload that rules need', async () => {
    const given = merged((payload) => {
      payload.pull_request.body = 'a body that is not needed';
    });
    await api.deliver('d-1', given);
    await api.system.allDone();
    const kept = JSON.stringify([await records(), api.logged]);
    expect(kept).not.toContain('a body that is not needed');
    expect(kept).not.toContain('api.github.com');
  });
});

describe('a delivery without fields that no rule needs', () => {
  // The minimal payload for rules of merges, as relays and other forges send it.
  const small = () => ({
    action: 'closed',
    number: 7,
    pull_request: {
      number: 7,
      title: 'Add x',
      merged: true,
      merge_commit_sha: '0123456789abcdef0123456789abcdef01234567' as string | null,
      merged_by: { login: 'dev' },
      base: { ref: 'master' },
      head: { ref: 'feature' },
    },
    repository: { full_name: repo },
  });
  const noCommit = small();
  noCommit.pull_request.merge_commit_sha = null;
  const push = { ref: 'refs/tags/v1.2.0', created: true, deleted: false, repository: { full_name: repo } };
  const create = { ref: 'v1.2.0', ref_type: 'tag', master_branch: 'main', repository: { full_name: repo } };
  const release = { action: 'published', release: { tag_name: 'v1.2.0' }, repository: { full_name: repo } };

  test.each<[what: string, job: string, by: string, given: { name: string; payload: object }]>([
    ['a merge without a sender', 'merges', 'dev', { name: 'pull_request', payload: small() }],
    ['a merge whose sender is null', 'merges', 'dev', { name: 'pull_request', payload: { ...small(), sender: null } }],
    ['a merge whose commit is null', 'merges', 'dev', { name: 'pull_request', payload: noCommit }],
    [
      'a push of a tag without a sender',
      'tags',
      'pat',
      { name: 'push', payload: { ...push, pusher: { name: 'pat' } } },
    ],
    ['a push of a tag without sender and pusher', 'tags', 'unknown', { name: 'push', payload: push }],
    ['the creation of a tag without a sender', 'tags', 'unknown', { name: 'create', payload: create }],
    ['a release without sender, author and draft', 'tags', 'unknown', { name: 'release', payload: release }],
  ])('starts its job for %s', async (_what, job, by, given) => {
    expect(await api.deliver('d-1', given)).toMatchObject({ status: 202, body: { state: 'received' } });
    await api.system.allDone();
    expect(api.system.entities.started(job)).toEqual(['d-1']);
    expect(await records()).toMatchObject([{ id: 'd-1', state: 'dispatched', hook: { repo, by } }]);
  });
});

describe('a delivery without fields that matching needs', () => {
  const unreadable = () => merged((payload) => delete payload.pull_request.base);
  const replay = () => api.post('/deliveries/d-1/replay');

  test('gets 202 and is parked with the reason, and its payload is stored unchanged', async () => {
    const body = Buffer.from(JSON.stringify(unreadable().payload));
    const answer = await api.deliver('d-1', { name: 'pull_request', payload: body });
    expect(answer).toMatchObject({ status: 202, body: { id: 'd-1', state: 'parked' } });
    const reason = expect.stringContaining(
      "differs from GitHub's documentation of pull_request.closed: pull_request.base",
    );
    const { body: shown } = await api.send('/api/v1/deliveries/d-1');
    expect(shown).toMatchObject({ state: 'parked', unreadable: true, error: reason, matches: [] });
    const kept = await api.system.store.deliveries.payload('d-1');
    expect(kept).toMatchObject({ name: 'pull_request', type: 'application/json' });
    expect(body.equals(kept?.body ?? new Uint8Array())).toBe(true);
    expect(api.system.entities.calls).toEqual([]);
    expect(await api.deliver('d-1', unreadable())).toMatchObject({ status: 202, body: { state: 'parked' } });
  });

  test('can be replayed and dry-run once a version can read it, and is rejected with the reason until then', async () => {
    await api.deliver('d-1', unreadable());
    expect(await replay()).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('pull_request.base') },
    });
    // Simulates a version that can read the payload: the stored one is complete.
    const body = Buffer.from(JSON.stringify(merged().payload));
    await api.system.store.deliveries.keepPayload('d-1', { name: 'pull_request', type: 'application/json', body });
    const tried = await api.post('/deliveries/d-1/replay?dryRun=true');
    expect(tried.body.matches).toMatchObject([{ jobName: 'merges', matched: true }, { jobName: 'tags' }]);
    const range = await api.post('/deliveries/dry-run');
    expect(range.body.items).toMatchObject([{ id: 'd-1', matches: [{ jobName: 'merges' }] }]);
    expect(await replay()).toMatchObject({ status: 202, body: { id: 'd-1~1', state: 'received' } });
    await api.system.allDone();
    expect(api.system.entities.started('merges')).toEqual(['d-1~1']);
  });

  test('is deleted together with its payload', async () => {
    await api.deliver('d-1', unreadable());
    await api.system.store.deliveries.delete(['d-1']);
    expect(await api.system.store.deliveries.payload('d-1')).toBeUndefined();
  });

  test('keeps a payload of several parts', async () => {
    const padding = randomBytes(9 * 1024 ** 2).toString('base64');
    const { payload } = unreadable();
    const body = Buffer.from(JSON.stringify({ ...payload, padding }));
    await api.deliver('d-1', { name: 'pull_request', payload: body });
    expect(body.equals((await api.system.store.deliveries.payload('d-1'))?.body ?? new Uint8Array())).toBe(true);
  });
});

test.each([
  ['bytes that are not UTF-8', (text: string) => Buffer.from(text.replace('"Update the', '"\xff\xc3(the'), 'latin1')],
  ['a byte order mark', (text: string) => Buffer.from(`\ufeff${text}`)],
  ['a title with half a character', (text: string) => Buffer.from(text.replace('"Update the', '"\\ud800 the'))],
])('the signature of a delivery is verified over the raw bytes, with %s', async (_what, bytes) => {
  const payload = bytes(JSON.stringify(merged().payload));
  expect(await api.deliver('d-1', { name: 'pull_request', payload })).toMatchObject({ status: 202 });
  await api.system.allDone();
  expect(api.system.entities.started('merges')).toEqual(['d-1']);
});

describe('an invalid delivery is rejected without a record and without its content in the log', () => {
  const content = 'a title that is secret';
  const given = merged((payload) => {
    payload.pull_request.title = content;
  });
  const text = JSON.stringify(given.payload);
  const signed = sign(text, secret);

  const cases: [
    what: string,
    status: number,
    code: string,
    body: string,
    headers: Record<string, string | undefined>,
  ][] = [
    ['it is not signed', 401, 'unauthenticated', text, { 'x-hub-signature-256': undefined }],
    ['its signature is empty', 401, 'unauthenticated', text, { 'x-hub-signature-256': '' }],
    ['it is signed with another secret', 401, 'unauthenticated', text, { 'x-hub-signature-256': sign(text, 'x') }],
    ['its signature is SHA-1', 401, 'unauthenticated', text, { 'x-hub-signature-256': 'sha1=abc' }],
    ['its signature is cut off', 401, 'unauthenticated', text, { 'x-hub-signature-256': signed.slice(0, -1) }],
    ['its content was changed', 401, 'unauthenticated', text.replace('master', 'mastre'), {}],
    ['its content was cut off', 401, 'unauthenticated', text.slice(0, 1000), {}],
    ['it is empty', 401, 'unauthenticated', '', {}],
    ['it has no id', 400, 'invalid_request', text, { 'x-github-delivery': undefined }],
    ['its id is invalid', 400, 'invalid_request', text, { 'x-github-delivery': 'd-1~1' }],
    ['it names no event', 400, 'invalid_request', text, { 'x-github-event': undefined }],
    ['its content is of another type', 415, 'unsupported_media_type', text, { 'content-type': 'text/plain' }],
    ['its content has no type', 415, 'unsupported_media_type', text, { 'content-type': '' }],
  ];
  const refused = async (status: number, code: string, body: string, headers: Record<string, string | undefined>) => {
    const name = 'pull_request';
    const all = hookHeaders('d-1', name, body, { 'x-hub-signature-256': signed, ...headers });
    const answer = await api.send('/webhooks/github', { method: 'POST', headers: all, body });
    expect(answer).toMatchObject({ status, body: { code, status } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await records()).toEqual([]);
    expect(JSON.stringify([answer.body, api.logged])).not.toContain(content);
    expect(api.system.entities.calls).toEqual([]);
  };
  test.each(cases)('a delivery is rejected when %s', (_what, status, code, body, headers) =>
    refused(status, code, body, headers),
  );

  test.each(['{"title": "a title that is secret"', '["a title that is secret"]', 'a title that is secret'])(
    'a signed delivery is rejected when its content is not a JSON object: %s',
    (body) => refused(400, 'invalid_request', body, { 'x-hub-signature-256': sign(body, secret) }),
  );

  test('a delivery over 25 MB is rejected, with a length or in chunks, and one of 24 MB is accepted', async () => {
    const padded = (megabytes: number) =>
      JSON.stringify({ ...given.payload, padding: 'x'.repeat(megabytes * 1024 ** 2) });
    const large = padded(25);
    const headers = hookHeaders('d-1', 'pull_request', large);
    await refused(413, 'too_large', large, {
      'content-length': String(large.length),
      'x-hub-signature-256': sign(large, secret),
    });
    const body = new Blob([large]).stream();
    const chunked = await api.send('/webhooks/github', {
      method: 'POST',
      headers,
      body,
      duplex: 'half',
    } as RequestInit);
    expect(chunked).toMatchObject({ status: 413, body: { code: 'too_large' } });
    expect(await records()).toEqual([]);
    expect((await api.deliver('d-2', { name: 'pull_request', payload: padded(24) })).status).toBe(202);
  });

  test('a delivery with invalid headers is rejected without reading its body', async () => {
    let read = 0;
    const body = new ReadableStream({
      pull(controller) {
        read += 1;
        if (read > 100) controller.close();
        else controller.enqueue(new Uint8Array(1024 ** 2));
      },
    });
    const headers = hookHeaders('d-1', 'push', '', { 'x-hub-signature-256': undefined });
    const answer = await api.send('/webhooks/github', { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
    expect(answer.status).toBe(401);
    expect(read).toBeLessThan(3);
  });

  test('a delivery by another method is rejected', async () => {
    expect(await api.send('/webhooks/github')).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
  });
});

test('the API does not accept larger bodies because of the webhook limit', async () => {
  const answer = await api.post('/jobs', { name: 'x'.repeat(3 * 1024 ** 2) });
  expect(answer).toMatchObject({ status: 413, body: { code: 'too_large' } });
});

describe('webhook settings', () => {
  test('accept signatures with each of several secrets', async () => {
    const other = await openHookApi([], { secrets: ['new', secret] });
    try {
      const { payload } = merged();
      for (const [n, one] of ['new', secret].entries()) {
        const signature = { 'x-hub-signature-256': sign(JSON.stringify(payload), one) };
        expect((await other.deliver(`d-${n}`, merged(), signature)).status).toBe(202);
      }
      const gone = { 'x-hub-signature-256': sign(JSON.stringify(payload), 'old') };
      expect((await other.deliver('d-2', merged(), gone)).status).toBe(401);
    } finally {
      await other.close();
    }
  });

  test('reject every delivery without a secret and name the setting', async () => {
    const other = await openHookApi([], { secrets: undefined });
    try {
      const body = JSON.stringify(merged().payload);
      for (const signature of [undefined, sign(body, ''), sign(body, secret)]) {
        const answer = await other.deliver('d-1', merged(), { 'x-hub-signature-256': signature });
        expect(answer).toMatchObject({
          status: 503,
          body: { detail: expect.stringContaining('GITHUB_WEBHOOK_SECRET') },
        });
      }
      expect((await other.system.store.deliveries.list({}, { limit: 10 })).items).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test('accept deliveries without the admin token', async () => {
    const other = await openHookApi([], { token: 'a token of this test', secrets: [secret] });
    try {
      expect((await other.deliver('d-1', merged())).status).toBe(202);
      expect((await other.send('/api/v1/deliveries')).status).toBe(401);
    } finally {
      await other.close();
    }
  });
});

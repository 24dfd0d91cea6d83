import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../../src/adapters/github/read-event.ts';
import type { HookEvent } from '../../../src/model/delivery.ts';
import { type Example, example, examples, merged, taggedPush } from '../../support/adapters/github/examples.ts';
import { withoutEachField } from '../../support/adapters/github/without-fields.ts';

const read = ({ name, payload }: Example) => readEvent(name, payload);
const commit = '6113728f27ae82c7b1a177c8d03f9e96e0adf246';

describe('events that trigger rules', () => {
  test('reads a merged pull request', async () => {
    expect(await read(merged())).toEqual({
      event: 'pull_request.closed',
      repo: 'Codertocat/Hello-World',
      summary: 'Codertocat/Hello-World: #2 was merged into master',
      hook: {
        kind: 'pr_merged',
        repo: 'Codertocat/Hello-World',
        base: 'master',
        source: 'changes',
        number: 2,
        title: 'Update the README with new information.',
        sha: 'c4295bd74fb0f4fda03689c3df3f2803b658fd85',
        by: 'Codertocat',
      },
    });
  });

  test('reads a created tag', async () => {
    expect(await read(example('create'))).toEqual({
      event: 'create',
      repo: 'Codertocat/Hello-World',
      summary: 'Codertocat/Hello-World: tag simple-tag was created',
      hook: { kind: 'tag_created', repo: 'Codertocat/Hello-World', tag: 'simple-tag', by: 'Codertocat' },
    });
  });

  test('reads a pushed tag with its commit', async () => {
    expect(await read(taggedPush())).toEqual({
      event: 'push',
      repo: 'Codertocat/Hello-World',
      summary: 'Codertocat/Hello-World: tag simple-tag was pushed',
      hook: { kind: 'tag_created', repo: 'Codertocat/Hello-World', tag: 'simple-tag', sha: commit, by: 'Codertocat' },
    });
    const annotated = taggedPush((payload) => {
      payload.after = 'b'.repeat(40);
    });
    expect((await read(annotated)).hook).toMatchObject({ sha: commit });
  });

  test('reads a published release', async () => {
    expect(await read(example('release', ({ action }) => action === 'published'))).toEqual({
      event: 'release.published',
      repo: 'Codertocat/Hello-World',
      summary: 'Codertocat/Hello-World: the release of tag 0.0.1 was published',
      hook: { kind: 'tag_created', repo: 'Codertocat/Hello-World', tag: '0.0.1', by: 'Codertocat' },
    });
  });
});

describe('events without optional fields', () => {
  const release = (change: (payload: Example['payload']) => void) =>
    example('release', ({ action }) => action === 'published', change);
  const tagOf = async (given: Example) => {
    const { hook } = await read(given);
    return hook?.kind === 'tag_created' && hook.tag;
  };

  test.each([
    ['missing', (payload: Example['payload']) => delete payload.sender],
    ['null', (payload: Example['payload']) => Object.assign(payload, { sender: null })],
    ['of another shape', (payload: Example['payload']) => Object.assign(payload, { sender: 'Codertocat' })],
  ])('uses the person who merged, pushed or released, or unknown, when the sender is %s', async (_what, change) => {
    expect((await read(merged(change))).hook).toMatchObject({ by: 'Codertocat' });
    const unknown = merged((payload) => {
      payload.pull_request.merged_by = null;
      change(payload);
    });
    expect((await read(unknown)).hook).toMatchObject({ by: 'unknown' });
    expect((await read(taggedPush(change))).hook).toMatchObject({ tag: 'simple-tag', by: 'Codertocat' });
    expect((await read(release(change))).hook).toMatchObject({ tag: '0.0.1', by: 'Codertocat' });
    expect((await read(example('create', undefined, change))).hook).toMatchObject({ tag: 'simple-tag', by: 'unknown' });
  });

  test('reads the branches of a merge without commit, number and title', async () => {
    const bare = merged((payload) => {
      Object.assign(payload.pull_request, { merge_commit_sha: null, number: null, title: null });
      payload.number = undefined;
    });
    expect(await read(bare)).toEqual({
      event: 'pull_request.closed',
      repo: 'Codertocat/Hello-World',
      summary: 'Codertocat/Hello-World: a pull request was merged into master',
      hook: {
        kind: 'pr_merged',
        repo: 'Codertocat/Hello-World',
        base: 'master',
        source: 'changes',
        title: '',
        by: 'Codertocat',
      },
    });
  });

  test('classifies a push without `created` and `deleted` by the commits before and after', async () => {
    const bare = (more: object) =>
      taggedPush((payload) => Object.assign(payload, { created: null, deleted: undefined, ...more }));
    expect(await tagOf(bare({}))).toBe('simple-tag');
    expect((await read(bare({ before: 'a'.repeat(40) }))).summary).toMatch(/tag simple-tag was moved/);
    expect((await read(bare({ before: 'a'.repeat(40), after: '0'.repeat(40) }))).summary).toMatch(/was deleted/);
    expect((await read(bare({ before: null }))).unreadable).toBe(true);
  });

  test('builds the name of a repository from its owner when the full name is missing', async () => {
    expect((await read(merged((payload) => delete payload.repository.full_name))).hook?.repo).toBe(
      'Codertocat/Hello-World',
    );
  });

  test('distinguishes a creation with null fields from a deletion', async () => {
    const bare = example('create', undefined, (payload) =>
      Object.assign(payload, { master_branch: null, description: null }),
    );
    expect(await tagOf(bare)).toBe('simple-tag');
  });
});

describe('events without a field needed for matching are unreadable, and the summary names the field', () => {
  test.each<[what: string, given: Example, summary: RegExp]>([
    ['a deletion under the name of a creation', { ...example('delete'), name: 'create' }, /create: master_branch/],
    ['a merge into no branch', merged((payload) => delete payload.pull_request.base), /pull_request\.base/],
    ['a merge from no branch', merged((payload) => delete payload.pull_request.head.ref), /pull_request\.head\.ref/],
    ['a merge in no repository', merged((payload) => delete payload.repository), /repository/],
    [
      'a merge whose commit has another form',
      merged((payload) => Object.assign(payload.pull_request, { merge_commit_sha: 'abc' })),
      /pull_request\.merge_commit_sha/,
    ],
    [
      'a closed pull request that says nothing about a merge',
      merged((payload) => Object.assign(payload.pull_request, { merged: null, merged_at: null })),
      /pull_request\.merged/,
    ],
    ['a pull request without an action', merged((payload) => delete payload.action), /action/],
  ])('marks as unreadable: %s', async (_what, given, summary) => {
    const { hook, unreadable, summary: said } = await read(given);
    expect([hook, unreadable]).toEqual([undefined, true]);
    expect(said).toMatch(/differs from GitHub's documentation/);
    expect(said).toMatch(summary);
  });

  test('every real payload without any one of its fields still matches or is unreadable, never lost', async () => {
    let variants = 0;
    const lost: unknown[] = [];
    // Fields that rules compare; author, title, number and commit may be unknown.
    const compared = (hook: HookEvent | undefined) =>
      JSON.stringify(hook?.kind === 'pr_merged' ? [hook.repo, hook.base, hook.source] : hook && [hook.repo, hook.tag]);
    const readers = ['pull_request', 'push', 'create', 'release'];
    // One payload of each kind, as recorded payloads of a kind have the same fields.
    const kinds = new Map<string, Example>();
    for (const one of [...examples(), merged(), taggedPush()].filter(({ name }) => readers.includes(name))) {
      kinds.set(`${one.name}.${one.payload.action}.${(await read(one)).hook?.kind}`, one);
    }
    for (const { name, payload } of kinds.values()) {
      const whole = await readEvent(name, payload);
      for (const { path, changed } of withoutEachField(payload)) {
        variants += 1;
        const { hook, unreadable } = await readEvent(name, changed);
        if (!unreadable && compared(hook) !== compared(whole.hook)) lost.push({ name, path, hook });
      }
    }
    expect(lost).toEqual([]);
    expect(variants).toBeGreaterThan(5000);
  });
});

describe('other events trigger no rules, and the summary gives the reason', () => {
  const closed = example('pull_request', ({ action }) => action === 'closed');
  const moved = taggedPush((payload) => Object.assign(payload, { created: false, forced: true }));
  const branch = example('create', undefined, (payload) => Object.assign(payload, { ref_type: 'branch', ref: 'main' }));
  const deleted = example('push', ({ deleted }) => deleted);
  const cases: [what: string, given: Example, summary: RegExp][] = [
    ['a ping', example('ping'), /Hello-World: a ping/],
    ['a ping of an organization', example('ping', ({ repository }) => !repository), /^a ping/],
    ['a pull request closed without a merge', closed, /#2 was closed without being merged/],
    ['an opened pull request', example('pull_request', ({ action }) => action === 'opened'), /not merged/],
    ['a created branch', branch, /the branch main was created; it is not a tag/],
    ['a push to a branch', example('push', ({ ref }) => ref.startsWith('refs/heads')), /push to refs\/heads\/master/],
    ['a tag deleted by a push', deleted, /tag simple-tag was deleted, not created/],
    ['a moved tag', moved, /tag simple-tag was moved, not created/],
    ['a deleted tag', example('delete'), /rules do not use the event delete/],
    ['an edited release', example('release', ({ action }) => action === 'edited'), /not published/],
    ['an issue', example('issues', ({ action }) => action === 'opened'), /rules do not use the event issues.opened/],
    [
      'an event with the name of an object property',
      { name: 'constructor', payload: {} },
      /do not use the event constructor/,
    ],
  ];
  test.each(cases)('does not trigger rules: %s', async (_what, given, summary) => {
    const { hook, summary: said } = await read(given);
    expect(hook).toBeUndefined();
    expect(said).toMatch(summary);
  });

  test('every recorded payload of GitHub is read without an error, and only tags and releases trigger rules', async () => {
    const all = await Promise.all(examples().map(read));
    expect(all.length).toBeGreaterThan(300);
    expect(all.filter(({ summary }) => /differs from GitHub's documentation/.test(summary))).toEqual([]);
    const events = all.flatMap(({ event, hook }) => (hook ? [event] : []));
    expect([...new Set(events)].sort()).toEqual(['create', 'push', 'release.published']);
  });
});

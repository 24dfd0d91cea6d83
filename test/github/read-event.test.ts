import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../src/github/read-event.ts';
import { type Example, example, examples, merged, taggedPush } from './examples.ts';

const read = ({ name, payload }: Example) => readEvent(name, payload);
const commit = '6113728f27ae82c7b1a177c8d03f9e96e0adf246';

describe('an event that rules look at is read with what they need', () => {
  test('a pull request that was merged', () => {
    expect(read(merged())).toEqual({
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

  test('a tag that was created', () => {
    expect(read(example('create'))).toEqual({
      event: 'create',
      repo: 'Codertocat/Hello-World',
      summary: 'Codertocat/Hello-World: tag simple-tag was created',
      hook: { kind: 'tag_created', repo: 'Codertocat/Hello-World', tag: 'simple-tag', by: 'Codertocat' },
    });
  });

  test('a tag that was pushed, with the commit that it points to', () => {
    expect(read(taggedPush())).toEqual({
      event: 'push',
      repo: 'Codertocat/Hello-World',
      summary: 'Codertocat/Hello-World: tag simple-tag was pushed',
      hook: { kind: 'tag_created', repo: 'Codertocat/Hello-World', tag: 'simple-tag', sha: commit, by: 'Codertocat' },
    });
    const annotated = taggedPush((payload) => {
      payload.after = 'b'.repeat(40);
    });
    expect(read(annotated).hook).toMatchObject({ sha: commit });
  });

  test('a release that was published', () => {
    expect(read(example('release', ({ action }) => action === 'published'))).toEqual({
      event: 'release.published',
      repo: 'Codertocat/Hello-World',
      summary: 'Codertocat/Hello-World: the release of tag 0.0.1 was published',
      hook: { kind: 'tag_created', repo: 'Codertocat/Hello-World', tag: '0.0.1', by: 'Codertocat' },
    });
  });
});

describe('everything else is no event for rules, and its summary says why', () => {
  const closed = example('pull_request', ({ action }) => action === 'closed');
  const moved = taggedPush((payload) => Object.assign(payload, { created: false, forced: true }));
  const branch = example('create', undefined, (payload) => Object.assign(payload, { ref_type: 'branch', ref: 'main' }));
  const deleted = example('push', ({ deleted }) => deleted);
  const cases: [what: string, given: Example, summary: RegExp][] = [
    ['a ping', example('ping'), /Hello-World: a ping/],
    ['a ping of an organization', example('ping', ({ repository }) => !repository), /^a ping/],
    ['a pull request that was closed', closed, /#2 was closed without being merged/],
    ['a pull request that was opened', example('pull_request', ({ action }) => action === 'opened'), /not merged/],
    ['a branch that was created', branch, /the branch main was created, which is no tag/],
    ['a push to a branch', example('push', ({ ref }) => ref.startsWith('refs/heads')), /push to refs\/heads\/master/],
    ['a tag that was deleted by a push', deleted, /tag simple-tag was deleted, not created/],
    ['a tag that was moved', moved, /tag simple-tag was moved, not created/],
    ['a tag that was deleted', example('delete'), /delete is none of the events/],
    ['a release that was edited', example('release', ({ action }) => action === 'edited'), /not published/],
    ['an issue', example('issues', ({ action }) => action === 'opened'), /issues.opened is none of the events/],
    ['the deletion of a tag under the name of a creation', { ...example('delete'), name: 'create' }, /master_branch/],
    [
      'a merge without its commit',
      merged((payload) => Object.assign(payload.pull_request, { merge_commit_sha: null })),
      /not as GitHub documents pull_request.closed: pull_request.merge_commit_sha/,
    ],
    ['an event of a name that objects have', { name: 'constructor', payload: {} }, /constructor is none/],
  ];
  test.each(cases)('%s', (_what, given, summary) => {
    const { hook, summary: said } = read(given);
    expect(hook).toBeUndefined();
    expect(said).toMatch(summary);
  });

  test('every payload that GitHub recorded is read without a failure, and only tags and releases are events', () => {
    const all = examples().map(read);
    expect(all.length).toBeGreaterThan(300);
    expect(all.filter(({ summary }) => /not as GitHub documents/.test(summary))).toEqual([]);
    const events = all.flatMap(({ event, hook }) => (hook ? [event] : []));
    expect([...new Set(events)].sort()).toEqual(['create', 'push', 'release.published']);
  });
});

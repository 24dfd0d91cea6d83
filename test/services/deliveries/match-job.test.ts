import { describe, expect, test } from '@jest/globals';
import type { HookEvent } from '../../../src/model/delivery.ts';
import type { Job } from '../../../src/model/job.ts';
import type { FlowComponents } from '../../../src/services/deliveries/flow-components.ts';
import { matchJob } from '../../../src/services/deliveries/match-job.ts';
import { aMergeJob, aTagJob } from '../../support/services/deliveries/jobs.ts';

const sha = 'a'.repeat(40);
const merge: HookEvent = {
  kind: 'pr_merged',
  repo: 'Owner/Greeter',
  base: 'main',
  source: 'feature/timeout',
  number: 12,
  title: 'Add a timeout',
  sha,
  by: 'octocat',
};
const tag: HookEvent = { kind: 'tag_created', repo: 'Owner/Greeter', tag: 'v1.2.0', by: 'octocat' };

const built: FlowComponents = { repositories: ['git@github.com:owner/greeter.git', 'https://github.com/owner/other'] };
const matching = (hook: HookEvent, job: Job, flow: FlowComponents = built) => matchJob(hook, job, async () => flow);

describe('a merged pull request', () => {
  test('starts a job with a rule for its repository and branches, with the commit of the merge', async () => {
    const job = aMergeJob('job', [{ basePattern: '^main$', sourcePattern: '^feature/' }]);
    expect(await matching(merge, job)).toEqual({
      matched: true,
      reason: 'rule 1: base branch "main" matches ^main$, source branch "feature/timeout" matches ^feature/',
      changes: [{ repo: 'Owner/Greeter', version: sha, title: '#12 Add a timeout', sha, number: 12 }],
    });
  });

  test.each([[[]], [['owner/greeter-docs']]])(
    'starts nothing when the components are built from other repositories: %j',
    async (repositories) => {
      expect(await matching(merge, aMergeJob('job'), { repositories })).toEqual({
        matched: false,
        reason:
          'rule 1: base branch "main" matches ., source branch "feature/timeout" matches ., but no component of its test flow is built from Owner/Greeter',
        changes: [],
      });
    },
  );

  test('uses the head of the base branch when the commit is unknown', async () => {
    const { sha: _sha, number: _number, ...bare } = merge;
    expect((await matching({ ...bare, title: '' }, aMergeJob('job'))).changes).toEqual([
      { repo: 'Owner/Greeter', version: 'main', title: 'a merge into main' },
    ]);
  });

  test.each([
    'Owner/Greeter',
    'owner/greeter',
    'https://github.com/owner/greeter.git',
    'https://github.com/Owner/Greeter/',
    'git@github.com:owner/greeter.git',
    'ssh://git@github.com/owner/greeter',
  ])('matches a rule whose repository is written as %s', async (repo) => {
    expect(await matching(merge, aMergeJob('job', [{ repo }]))).toMatchObject({ matched: true });
  });

  test.each(['owner/greeter-docs', 'wner/greeter', 'owner/greete', 'greeter', 'https://github.com/owner/greeter2.git'])(
    'does not match the repository %s, of which its own is only a part',
    async (repo) => {
      expect(await matching(merge, aMergeJob('job', [{ repo }]))).toMatchObject({
        matched: false,
        reason: expect.stringContaining('none of its rules is for Owner/Greeter: they are for '),
        changes: [],
      });
    },
  );

  test.each([
    [[{ basePattern: '^release' }], 'rule 1: base branch "main" does not match ^release'],
    [[{ sourcePattern: '^fix/' }], 'rule 1: source branch "feature/timeout" does not match ^fix/'],
    [
      [{ basePattern: 'x', sourcePattern: 'y' }],
      'rule 1: base branch "main" does not match x, source branch "feature/timeout" does not match y',
    ],
    [
      [{ repo: 'a/b' }, { basePattern: '^release' }, { basePattern: '^v' }],
      'rule 2: base branch "main" does not match ^release; rule 3: base branch "main" does not match ^v',
    ],
    [[{ repo: 'a/b' }, { repo: 'c/d' }], 'none of its rules is for Owner/Greeter: they are for a/b, c/d'],
    [[], 'none of its rules is for Owner/Greeter: it has no rules'],
    [
      [{ basePattern: '(main' }],
      'rule 1: base branch cannot be compared: "(main" is not a valid RE2 regular expression: error parsing regexp: missing closing ): `(main`',
    ],
  ])('starts nothing without a matching rule, and the reason names rule and value: %j', async (rules, reason) => {
    expect(await matching(merge, aMergeJob('job', rules))).toEqual({ matched: false, reason, changes: [] });
  });

  test('shows the control characters of a branch in visible form', async () => {
    expect((await matching({ ...merge, base: 'ma\0in' }, aMergeJob('job', [{ basePattern: 'main' }]))).reason).toBe(
      String.raw`rule 1: base branch "ma\u0000in" does not match main`,
    );
  });

  test('is compared with every rule, and one match is enough', async () => {
    const job = aMergeJob('job', [{ basePattern: '^release' }, { repo: 'a/b' }, { basePattern: 'ai' }]);
    expect(await matching(merge, job)).toMatchObject({
      matched: true,
      reason: 'rule 3: base branch "main" matches ai, source branch "feature/timeout" matches .',
    });
  });

  test('does not start jobs for tags, manual jobs or cron jobs', async () => {
    expect((await matching(merge, aTagJob('job'))).reason).toBe(
      'the job is only started by tags, and this is a merged pull request',
    );
    expect((await matching(merge, aTagJob('job', [], { jobType: 'manual' }))).reason).toMatch(/only started manually/);
    expect((await matching(merge, aTagJob('job', [], { jobType: 'cron_job' }))).reason).toMatch(
      /only started by its schedule/,
    );
  });
});

describe('a tag', () => {
  test('starts a job with a matching rule and a component of its repository, with its name as version', async () => {
    expect(await matching(tag, aTagJob('job', [{ tagPattern: String.raw`^v\d+\.\d+\.\d+$` }]))).toEqual({
      matched: true,
      reason: String.raw`rule 1: tag "v1.2.0" matches ^v\d+\.\d+\.\d+$`,
      changes: [{ repo: 'Owner/Greeter', version: 'v1.2.0', title: 'v1.2.0' }],
    });
  });

  test('has the commit that it points to, if it is known', async () => {
    const { changes } = await matching({ ...tag, sha }, aTagJob('job'));
    expect(changes).toEqual([{ repo: 'Owner/Greeter', version: 'v1.2.0', title: 'v1.2.0', sha }]);
  });

  test('starts nothing without a component of its repository', async () => {
    expect(await matching(tag, aTagJob('job'), { repositories: ['owner/greeter-docs'] })).toEqual({
      matched: false,
      reason: 'rule 1: tag "v1.2.0" matches ., but no component of its test flow is built from Owner/Greeter',
      changes: [],
    });
  });

  test('starts no jobs for merged pull requests', async () => {
    expect((await matching(tag, aMergeJob('job'))).reason).toBe(
      'the job is only started by merged pull requests, and this is a tag',
    );
  });
});

describe('a job with a matching rule', () => {
  test('does not match while it is paused, and the reason names the user', async () => {
    const pause = { by: 'anna', note: 'too many failures', at: new Date() };
    expect((await matching(tag, aTagJob('job', [{}], { pause }))).reason).toBe(
      'rule 1: tag "v1.2.0" matches ., but the job is paused by anna (too many failures)',
    );
  });

  test('does not match when its flow is broken, and the reason says why', async () => {
    for (const [hook, job] of [[tag, aTagJob('job')] as const, [merge, aMergeJob('job')] as const]) {
      expect(await matching(hook, job, { broken: 'its test flow smoke is broken: line 3' })).toMatchObject({
        matched: false,
        reason: expect.stringMatching(/, but its test flow smoke is broken: line 3$/),
      });
    }
  });

  test('is the only job whose flow is read', async () => {
    const job = aTagJob('job', [{ tagPattern: '^w' }]);
    await expect(matchJob(tag, job, () => Promise.reject(new Error('was asked')))).resolves.toMatchObject({
      matched: false,
    });
  });
});

describe('patterns have the syntax of Go', () => {
  test.each([
    ['v1', 'v1.2.0', true],
    ['2', 'v1.2.0', true],
    ['^1', 'v1.2.0', false],
    ['^v1.2$', 'v1.2.0', false],
    ['(?i)^V1', 'v1.2.0', true],
    ['^V1', 'v1.2.0', false],
    [String.raw`^v\d+\.\d+\.\d+$`, 'v1.2.0\nx', false],
    [String.raw`^\pL+$`, 'größe', true],
    ['^(?P<major>v1)', 'v1.2.0', true],
    ['^(v2|v1)', 'v1.2.0', true],
    ['^$', '', true],
  ])('%s and %j: %s', async (tagPattern, name, matched) => {
    expect((await matching({ ...tag, tag: name }, aTagJob('job', [{ tagPattern }]))).matched).toBe(matched);
  });

  test.each(['(?=v)', String.raw`(v)\1`, '(?<!x)v', '[', '*', 'a{2000}', '(a{1000}){1000}'])(
    '%s is not a valid pattern and matches nothing',
    async (tagPattern) => {
      expect(await matching(tag, aTagJob('job', [{ tagPattern }]))).toMatchObject({
        matched: false,
        reason: expect.stringContaining('cannot be compared'),
      });
    },
  );

  test.each(['(a+)+$', '(a|a)*$', '(a|aa)+$', '(.*a){20}$', '((((a*)*)*)*)*b', '(x+x+)+y', '(a?){400}a{400}$'])(
    '%s, which backtracking engines never finish, is matched in time',
    async (tagPattern) => {
      const long = { ...tag, tag: `${'a'.repeat(1000)}!` };
      const { matched } = await matching(long, aTagJob('job', [{ tagPattern }]));
      // The second pattern matches the empty string at the end.
      expect(matched).toBe(tagPattern === '(a|a)*$');
    },
  );
});

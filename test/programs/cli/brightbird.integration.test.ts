import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Fault } from '../../../src/model/fault.ts';
import { type Listening, listen } from '../../../src/programs/api/listen.ts';
import { runBrightbird } from '../../../src/programs/cli/files/program.ts';
import { graph, openApi, type TestApi } from '../../support/programs/api/harness.ts';

const token = 'a-token-of-16-characters';
const program = join(import.meta.dirname, '../../../src/programs/cli/brightbird.ts');

let api: TestApi;
let server: Listening;
let folder: string;
const started = process.cwd();
beforeAll(async () => {
  api = await openApi({ token });
  server = await listen(api.api, { HOST: '127.0.0.1', PORT: 0, BRIGHTBIRD_ADMIN_TOKEN: token });
});
afterAll(async () => {
  await server.stop();
  await api.close();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'brightbird-files-'));
  process.chdir(folder);
});
afterEach(async () => {
  process.chdir(started);
  await rm(folder, { recursive: true });
});

/** Runs the command in the folder of the test, as a user does. */
async function brightbird(args: string[], settings: Record<string, string> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runBrightbird(args, {
    environment: { BRIGHTBIRD_URL: server.url, BRIGHTBIRD_ADMIN_TOKEN: token, ...settings },
    print: (line) => out.push(line),
    printError: (line) => err.push(line),
  });
  return { code, stdout: out, stderr: err.map((line) => `${line}\n`).join('') };
}

async function write(files: Record<string, string>): Promise<void> {
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content);
  }
}
async function empty(): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
}

const auth = { authorization: `Bearer ${token}` };
const all = async (path: string) => (await api.get(`${path}?limit=200`, auth)).body.items;
const named = async (path: string, name: string) =>
  (await all(path)).find((one: { name: string }) => one.name === name);
const indented = (lines: string) => lines.replaceAll(/^(?=.)/gm, '  ');

/** Returns a group, a flow in it and a job of each type, under unique names. */
const team = (name: string): Record<string, string> => ({
  'groups.yaml': `kind: Group\nname: ${name}\n`,
  'flow.yaml': `kind: TestFlow\nname: ${name} flow\ngroup: ${name}\nglobalProperties: {user: ann}\ngraph: |\n${indented(graph)}`,
  'jobs/by-hand.yml': `kind: Job\nname: ${name} by hand\ntestFlow: ${name} flow\nversions: {greeter-deploy: main}\n`,
  'jobs/triggered.yaml': `kind: Job
name: ${name} nightly
testFlow: ${name} flow
jobType: cron_job
cronExpression: 30 2 * * *
timezone: Europe/Berlin
policy: {overlap: skip}
---
kind: Job
name: ${name} merges
testFlow: ${name} flow
jobType: pr_merged_hook
prMergedEventMatches: [{repo: team/greeter, basePattern: ^main$, sourcePattern: .*}]
---
kind: Job
name: ${name} tags
testFlow: ${name} flow
jobType: tag_created_hook
tagCreateEventMatches: [{repo: team/greeter, tagPattern: '^v\\d'}]
globalProperties: {logLevel: INFO}
`,
});

describe('brightbird apply', () => {
  test('rejects an invalid time zone and cron expression with their places, and treats another spelling as unchanged', async () => {
    const job = (expression: string, timezone: string) =>
      `kind: Job\nname: apply-cron\ntestFlow: cron-flow\njobType: cron_job\ncronExpression: ${expression}\ntimezone: ${timezone}\n`;
    await write({
      'flow.yaml': `kind: TestFlow\nname: cron-flow\ngraph: |\n${indented(graph)}`,
      'job.yaml': job('0 5 * * sun-mon-tue', 'PST'),
    });
    for (let n = 0; n < 2; n += 1) {
      const { code, stderr } = await brightbird(['apply', '-f', '.']);
      expect(code).toBe(1);
      expect(stderr).toContain('job.yaml:5:17: apply-cron: sun-mon-tue is not a valid day of week');
      expect(stderr).toContain('job.yaml:6:11: apply-cron: "PST" is not a time zone');
      expect(stderr).toContain('2 issues, nothing was applied');
    }
    expect(await named('/jobs', 'apply-cron')).toBeUndefined();
    await write({ 'job.yaml': job('0 5 * * MON-SUN', 'utc') });
    expect((await brightbird(['apply', '-f', '.'])).stdout).toContain('created    Job      apply-cron');
    const saved = await named('/jobs', 'apply-cron');
    expect(saved).toMatchObject({ cronExpression: '0 5 * * MON-SUN', timezone: 'UTC' });
    expect(api.schedules.made.has(saved.id)).toBe(true);
    expect((await brightbird(['apply', '-f', '.'])).stdout).toContain('unchanged  Job      apply-cron');
  });

  test('warns of a rule that no event matches, also in a dry run, and applies it', async () => {
    await write({
      'flow.yaml': `kind: TestFlow\nname: warned\ngraph: |\n${indented(graph)}`,
      'job.yaml':
        'kind: Job\nname: warned\ntestFlow: warned\njobType: pr_merged_hook\nprMergedEventMatches:\n  - repo: team/docs\n    basePattern: main\n    sourcePattern: .\n',
    });
    const says =
      'job.yaml:6:11: warning: warned: no event of team/docs matches, as no component of test flow warned is built from it\n';
    for (const args of [['--dry-run'], []]) {
      const { code, stdout, stderr } = await brightbird(['apply', '-f', '.', ...args]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(says) });
      expect(stdout).toContain('created    Job      warned');
    }
    expect(await named('/jobs', 'warned')).toMatchObject({ jobType: 'pr_merged_hook' });
  });

  test.each([
    ['reports it when Temporal rejects the schedule', 'input_invalid', /^job.yaml:5:11: .*nothing was applied$/ms],
    ['does not claim it when the server failed', 'unavailable', /0 documents applied before; .* apply again to check/],
  ] as const)('after applying nothing, %s', async (title, fault, shown) => {
    const name = `refused ${title}`;
    const flow = `kind: TestFlow\nname: refused\ngraph: |\n${indented(graph)}`;
    const job = `kind: Job\nname: ${name}\ntestFlow: refused\njobType: cron_job\ntimezone: UTC\ncronExpression: 0 5 * * *\n`;
    await write({ 'flow.yaml': flow });
    await brightbird(['apply', '-f', 'flow.yaml']);
    await write({ 'job.yaml': job });
    api.schedules.refusal = new Fault(fault, 'Temporal says no', { where: { path: 'timezone' } });
    for (let n = 0; n < 2; n += 1) {
      const { code, stdout, stderr } = await brightbird(['apply', '-f', '.']);
      expect({ code, stdout }).toMatchObject({ code: 1, stdout: ['unchanged  TestFlow refused'] });
      expect(stderr).toMatch(shown);
    }
    api.schedules.refusal = undefined;
    expect(await named('/jobs', name)).toBeUndefined();
    expect((await brightbird(['apply', '-f', '.'])).code).toBe(0);
  });

  test('creates groups, flows and jobs of every type from files that refer to each other, and then reports no changes', async () => {
    await write(team('whole'));
    const first = await brightbird(['apply', '-f', '.']);
    expect(first).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        'created    Group    whole',
        'created    TestFlow whole flow',
        'created    Job      whole by hand',
        'created    Job      whole nightly',
        'created    Job      whole merges',
        'created    Job      whole tags',
        '6 created, 0 updated, 0 unchanged',
      ],
    });
    const flow = await named('/testflows', 'whole flow');
    expect(flow).toMatchObject({ groupId: (await named('/groups', 'whole')).id, globalProperties: { user: 'ann' } });
    expect((await api.get(`/testflows/${flow.id}`, auth)).body.graph).toBe(graph);
    expect(await named('/jobs', 'whole nightly')).toMatchObject({
      testFlowId: flow.id,
      jobType: 'cron_job',
      timezone: 'Europe/Berlin',
      policy: { overlap: 'skip', timeoutSeconds: 3600 },
    });
    const before = [await all('/testflows'), await all('/jobs'), await all('/groups')];
    const again = await brightbird(['apply', '--file', '.']);
    expect(again.stdout.at(-1)).toBe('0 created, 0 updated, 6 unchanged');
    expect([await all('/testflows'), await all('/jobs'), await all('/groups')]).toEqual(before);
  });

  test('updates what differs as the next revision, and keeps what the files do not name', async () => {
    await write(team('changed'));
    await brightbird(['apply', '-f', '.']);
    const files = team('changed');
    await write({
      'groups.yaml': `${files['groups.yaml']}description: ours\n`,
      'flow.yaml': String(files['flow.yaml']).replace('user: ann', 'user: bob').replace('group: changed\n', ''),
      'jobs/by-hand.yml': String(files['jobs/by-hand.yml']).replace('main', 'v2'),
    });
    const { stdout } = await brightbird(['apply', '-f', 'groups.yaml', 'flow.yaml', 'jobs/by-hand.yml']);
    expect(stdout).toEqual([
      'updated    Group    changed',
      'updated    TestFlow changed flow',
      'updated    Job      changed by hand',
      '0 created, 3 updated, 0 unchanged',
    ]);
    const flow = await named('/testflows', 'changed flow');
    expect(flow).toMatchObject({ revision: 2, globalProperties: { user: 'bob' }, updatedBy: 'admin' });
    expect(flow.groupId).toBeUndefined();
    expect((await named('/jobs', 'changed by hand')).versions).toEqual({ 'greeter-deploy': 'v2' });
    expect(await named('/jobs', 'changed tags')).toBeDefined();
  });

  test('prints the changes with --dry-run, and applies nothing', async () => {
    await write(team('dry'));
    const { code, stdout } = await brightbird(['apply', '-f', '.', '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain('created    TestFlow dry flow');
    expect(stdout.at(-1)).toBe('6 created, 0 updated, 0 unchanged (dry run: nothing was sent)');
    expect(await named('/groups', 'dry')).toBeUndefined();
    expect(await named('/testflows', 'dry flow')).toBeUndefined();
  });

  test('moves a flow without a group into a group created by the same files', async () => {
    await api.post('/testflows', { name: 'homeless', graph }, auth);
    await write({
      'all.yaml': `kind: Group\nname: home\n---\nkind: TestFlow\nname: homeless\ngroup: home\ngraph: |\n${indented(graph)}`,
    });
    const { stdout } = await brightbird(['apply', '-f', 'all.yaml']);
    expect(stdout.slice(0, 2)).toEqual(['created    Group    home', 'updated    TestFlow homeless']);
    expect((await named('/testflows', 'homeless')).groupId).toBe((await named('/groups', 'home')).id);
  });

  test('accepts unchanged documents that the server would no longer accept as new', async () => {
    const other = await openApi();
    const elsewhere = await listen(other.api, { HOST: '127.0.0.1', PORT: 0, BRIGHTBIRD_ADMIN_TOKEN: undefined });
    const settings = { BRIGHTBIRD_URL: elsewhere.url, BRIGHTBIRD_ADMIN_TOKEN: '' };
    try {
      await write(team('old'));
      await brightbird(['apply', '-f', '.'], settings);
      const flow = (await other.get('/testflows')).body.items[0];
      const changed = graph.replace(/ {2}greeter:[\s\S]*(?= {2}check:)/, '').replace('{{greeter.svcEndpoint}}', 'x');
      const edited = await other.send(`/api/v1/testflows/${flow.id}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: flow.name, graph: changed }),
      });
      expect(edited.status).toBe(200);
      await empty();
      await brightbird(['export', '.'], settings);
      expect((await brightbird(['apply', '-f', '.'], settings)).stdout.at(-1)).toMatch(/^0 created, 0 updated/);
    } finally {
      await elsewhere.stop();
      await other.close();
    }
  });

  test('reports where it stopped when the server rejects a document that passed the check', async () => {
    const refuse = async () => {
      throw new Fault('conflict', 'another client was faster', { hint: 'try again' });
    };
    const busy = await openApi({ wrap: (store) => ({ ...store, jobs: { ...store.jobs, insert: refuse } }) });
    const there = await listen(busy.api, { HOST: '127.0.0.1', PORT: 0, BRIGHTBIRD_ADMIN_TOKEN: undefined });
    try {
      await write(team('busy'));
      const settings = { BRIGHTBIRD_URL: there.url, BRIGHTBIRD_ADMIN_TOKEN: '' };
      expect(await brightbird(['apply', '-f', '.'], settings)).toEqual({
        code: 1,
        stdout: ['created    Group    busy', 'created    TestFlow busy flow'],
        stderr:
          'jobs/by-hand.yml:2:7: Job busy by hand: another client was faster\n  try again\n' +
          '1 issue, stopped there, with 2 documents applied before\n',
      });
    } finally {
      await there.stop();
      await busy.close();
    }
  });

  test('applies the example of the documentation', async () => {
    const example = join(import.meta.dirname, '../../../examples/hello.yaml');
    expect((await brightbird(['apply', '-f', example])).stdout.at(-1)).toBe('3 created, 0 updated, 0 unchanged');
    expect((await brightbird(['apply', '-f', example])).stdout.at(-1)).toBe('0 created, 0 updated, 3 unchanged');
  });

  test("applies a test flow's own YAML unchanged, also in the original's form, under the name in it", async () => {
    const flow =
      'name: just the flow\npipeline:\n  bash-1: {name: bash, instanceName: one, input: {script: x}}\nraw-data: "{}"\n';
    await write({ 'flow.yaml': flow, 'job.yaml': 'kind: Job\nname: of just a flow\ntestFlow: just the flow\n' });
    expect((await brightbird(['apply', '-f', '.'])).stdout.at(-1)).toBe('2 created, 0 updated, 0 unchanged');
    const { id } = await named('/testflows', 'just the flow');
    expect((await api.get(`/testflows/${id}`, auth)).body.graph).toBe(flow);
    expect((await brightbird(['apply', '-f', '.'])).stdout.at(-1)).toBe('0 created, 0 updated, 2 unchanged');
  });
});

describe('brightbird apply with invalid files', () => {
  beforeAll(async () => {
    await api.post('/groups', { name: 'known' }, auth);
    await api.post('/testflows', { name: 'known flow', graph }, auth);
  });
  const flowWith = (name: string, lines: string) => `kind: TestFlow\nname: ${name}\ngraph: |\n${indented(lines)}`;
  const job = (more: string) => `kind: Job\nname: refused\ntestFlow: refused flow\n${more}`;

  test.each<[string, string, string[]]>([
    ['an unknown kind', 'kind: Jbo\nname: x\n', ['bad.yaml:1:7: unknown kind "Jbo"', '  did you mean "Job"?']],
    [
      'a document without a kind',
      'name: x\n',
      ['bad.yaml:1:1: the document has no kind', '  kinds: Group, Plugin, TestFlow, Job'],
    ],
    [
      'a document that is not a map',
      '- a\n',
      ['bad.yaml:1:1: a document must be a map with the key kind', '  kind: Group, Plugin, TestFlow, Job'],
    ],
    ['broken YAML', 'kind: Group\nname: "x\n', ['bad.yaml:3:1: Missing closing "quote']],
    [
      'an unknown key in the second document',
      'kind: Group\nname: x\n---\nkind: Group\nname: y\nnmae: y\n',
      ['bad.yaml:6:1: unknown key "nmae"', '  did you mean "name"?'],
    ],
    [
      'an unknown key in a policy',
      job('policy: {catchUpSeconds: 60}\n'),
      ['bad.yaml:4:10: unknown key "catchUpSeconds"', '  known keys: timeoutSeconds, overlap, coalesce, holdOnFailure'],
    ],
    [
      'a global that is an object',
      job('globalProperties: {deep: {a: 1}}\n'),
      ['bad.yaml:4:20: globalProperties.deep: expected a text, a number, true or false'],
    ],
    [
      'an invalid graph',
      flowWith('refused', graph.replace('plugin: bash', 'plugin: bsah')),
      ['bad.yaml:10:15: refused: unknown plugin "bsah"', '  did you mean "bash"?'],
    ],
    [
      'an invalid graph after a blank line',
      flowWith('refused', `\n${graph.replace('plugin: bash', 'plugin: bsah')}`),
      ['bad.yaml:11:15: refused: unknown plugin "bsah"'],
    ],
    [
      'an invalid flow without kind in the second document',
      `kind: Group\nname: x\n---\n${graph.replace('plugin: bash', 'plugin: bsah')}`,
      ['bad.yaml:10:13: smoke: unknown plugin "bsah"'],
    ],
    [
      'a graph that is a map',
      'kind: TestFlow\nname: refused\ngraph:\n  pipeline: {}\n',
      ['bad.yaml:3:1: the graph must be a string, not a map'],
    ],
    [
      'an unknown group',
      `${flowWith('refused', graph)}group: konwn\n`,
      ['bad.yaml:12:8: there is no group konwn, neither in the files nor on the server', '  did you mean "known"?'],
    ],
    [
      'an unknown test flow',
      job('').replace('refused flow', 'known flwo'),
      ['bad.yaml:3:11: there is no test flow known flwo', '  did you mean "known flow"?'],
    ],
    [
      'an invalid cron expression',
      job('jobType: cron_job\ncronExpression: 61 * * * *\n').replace('refused flow', 'known flow'),
      ['bad.yaml:5:17: refused: '],
    ],
    [
      'an invalid pattern',
      job('jobType: tag_created_hook\ntagCreateEventMatches:\n  - repo: a/b\n    tagPattern: "["\n').replace(
        'refused flow',
        'known flow',
      ),
      ['bad.yaml:7:17: refused: '],
    ],
    [
      'a version of a plugin that the flow does not use',
      job('versions: {nothing: main}\n').replace('refused flow', 'known flow'),
      ['bad.yaml:4:21: refused: test flow known flow has no plugin nothing'],
    ],
    [
      'an invalid git ref',
      job('versions: {greeter-deploy: a..b}\n').replace('refused flow', 'known flow'),
      ['bad.yaml:4:28: refused: '],
    ],
    [
      'a field of another type of job',
      job('cronExpression: 0 2 * * *\n').replace('refused flow', 'known flow'),
      ['bad.yaml:4:17: refused: a manual cannot have cronExpression'],
    ],
    [
      'an unknown plugin',
      'kind: Plugin\nname: bsah\n',
      ['bad.yaml:2:7: the server has no plugin bsah', '  did you mean "bash"?'],
    ],
    [
      'an unknown plugin version',
      'kind: Plugin\nname: bash\nversion: v7.0.0\n',
      ['bad.yaml:3:10: the server has no version v7.0.0 of plugin bash', '  the server has v1.0.0'],
    ],
    [
      'a duplicate name',
      'kind: Group\nname: x\n---\nkind: Group\nname: x\n',
      ['bad.yaml:5:7: duplicate Group x, first at bad.yaml:2'],
    ],
  ])('reports %s with its place, and applies nothing', async (_, content, lines) => {
    await write({ 'good.yaml': 'kind: Group\nname: never made\n', 'bad.yaml': content });
    const { code, stdout, stderr } = await brightbird(['apply', '-f', '.']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: [] });
    for (const [index, line] of lines.entries()) expect(stderr.split('\n')[index]).toContain(line);
    expect(stderr).toContain('1 issue, nothing was applied');
    expect(await named('/groups', 'never made')).toBeUndefined();
  });

  test('reports all issues of all files at once', async () => {
    await write({
      'a.yaml': flowWith(
        'refused',
        graph.replace('plugin: bash', 'plugin: bsah').replace('replicas: 1', 'replicas: many'),
      ),
      'b.yaml': job('jobType: cron_job\n').replace('refused flow', 'known flow'),
    });
    const { stderr } = await brightbird(['apply', '-f', '.']);
    expect(stderr.match(/^[ab]\.yaml:\d+:\d+/gm)).toEqual(['a.yaml:8:25', 'a.yaml:10:15', 'b.yaml:1:1']);
    expect(stderr).toContain('3 issues, nothing was applied');
  });

  test.each<[string, string[], Record<string, string>, RegExp]>([
    ['an unknown path', ['apply', '-f', 'nowhere'], {}, /^cannot read nowhere\n {2}give a YAML file/],
    ['a folder without YAML', ['apply', '-f', '.'], {}, /^\. has no YAML files/],
    ['a missing path', ['apply'], {}, /required option '-f, --file/],
    ['an unknown command', ['aplly'], {}, /unknown command 'aplly'/],
    [
      'an unreachable server',
      ['export', 'out'],
      { BRIGHTBIRD_URL: 'http://127.0.0.1:1' },
      /^cannot reach a BrightBird server at http:\/\/127\.0\.0\.1:1\/api\/v1\n.+npm start/,
    ],
    [
      'a missing token',
      ['export', 'out'],
      { BRIGHTBIRD_ADMIN_TOKEN: '' },
      /^a token is required\n.+BRIGHTBIRD_ADMIN_TOKEN/,
    ],
    ['an invalid token', ['export', 'out'], { BRIGHTBIRD_ADMIN_TOKEN: 'wrong-wrong-wrong' }, /^invalid token/],
    ['an invalid URL', ['export', 'out'], { BRIGHTBIRD_URL: 'nonsense' }, /^"nonsense" is not a valid server URL/],
  ])('reports %s in a sentence', async (_, args, settings, says) => {
    const { code, stderr } = await brightbird(args, settings);
    expect(code).toBe(1);
    expect(stderr).toMatch(says);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('brightbird export', () => {
  test('writes files that apply reports as unchanged, and that apply to another server', async () => {
    await write(team('there-and-back'));
    await brightbird(['apply', '-f', '.']);
    await empty();
    const first = await brightbird(['export', '.']);
    expect(first.code).toBe(0);
    expect((await readdir(folder)).sort()).toEqual(['flows', 'groups.yaml', 'jobs', 'plugins.yaml']);
    expect(await readFile(join(folder, 'flows/there-and-back-flow.yaml'), 'utf8')).toBe(
      `# Written by \`brightbird export\`: the next export overwrites it.
kind: TestFlow
name: there-and-back flow
group: there-and-back
globalProperties:
  user: ann
graph: |
${indented(graph)}`,
    );
    expect((await brightbird(['apply', '-f', '.'])).stdout.at(-1)).toMatch(/^0 created, 0 updated, \d+ unchanged$/);
    expect((await brightbird(['export', '.'])).stdout).toEqual([
      expect.stringMatching(/^0 written, 0 removed, \d+ unchanged$/),
    ]);

    const other = await openApi();
    const elsewhere = await listen(other.api, { HOST: '127.0.0.1', PORT: 0, BRIGHTBIRD_ADMIN_TOKEN: undefined });
    try {
      const settings = { BRIGHTBIRD_URL: elsewhere.url, BRIGHTBIRD_ADMIN_TOKEN: '' };
      expect((await brightbird(['apply', '-f', '.'], settings)).code).toBe(0);
      expect((await brightbird(['export', '.'], settings)).stdout).toEqual([
        expect.stringMatching(/^0 written, 0 removed, \d+ unchanged$/),
      ]);
    } finally {
      await elsewhere.stop();
      await other.close();
    }
  });

  test.each([
    ['comments and blank lines', `\n# first\n\n${graph}\n# last\n\n`],
    ['no line end', graph.trimEnd()],
    ['Windows line ends', graph.replaceAll('\n', '\r\n')],
    ['spaces at the ends of lines', graph.replaceAll('\n', '  \n')],
    ['lines that begin with spaces', `   \n  # in\n${graph}`],
    ['long lines', graph.replace('echo', `echo ${'word '.repeat(100)}`)],
    ['letters of every language, and tabs behind them', `# grüße 你好 🎉\t\n${graph}`],
    ['a line of dashes', `# a\n---\n${graph}`],
    ['one line', '{"pipeline": {"a": {"plugin": "bash", "input": {"script": "x"}}}}'],
  ])('keeps every character of a graph with %s', async (what, odd) => {
    const name = `odd ${what}`;
    expect((await api.post('/testflows', { name, graph: odd }, auth)).status).toBe(201);
    await brightbird(['export', '.']);
    const applied = await brightbird(['apply', '-f', '.']);
    expect(applied.stdout).toContain(`unchanged  TestFlow ${name}`);
  });

  test('keeps a description of only blanks', async () => {
    await api.post('/testflows', { name: 'blank', graph, description: '  \n' }, auth);
    await brightbird(['export', '.']);
    expect((await brightbird(['apply', '-f', '.'])).stdout).toContain('unchanged  TestFlow blank');
  });

  test('removes stale files of earlier exports and keeps files that no export wrote', async () => {
    const { id } = (await api.post('/testflows', { name: 'short-lived', graph }, auth)).body;
    await brightbird(['export', '.']);
    await write({ 'flows/by-hand.yaml': '# mine\n', 'README.md': '# ours\n' });
    await api.send(`/api/v1/testflows/${id}`, { method: 'DELETE', headers: auth });
    expect((await brightbird(['export', '.'])).stdout[0]).toBe('removed    flows/short-lived.yaml');
    expect(await readdir(join(folder, 'flows'))).toContain('by-hand.yaml');
    expect(await readdir(folder)).toContain('README.md');
  });

  test('does not overwrite a file that no export wrote', async () => {
    await write({ 'groups.yaml': '# by hand\nkind: Group\nname: whole\n' });
    const { code, stderr } = await brightbird(['export', '.']);
    expect(code).toBe(1);
    expect(stderr).toContain('groups.yaml is in the way: no export wrote it');
    expect(await readdir(folder)).toEqual(['groups.yaml']);
  });

  test('gives each record its own file, whatever its name is', async () => {
    const names = ['../../etc/passwd', 'A b', 'a B', '!!!', 'x'.repeat(100)];
    for (const name of names) await api.post('/testflows', { name, graph }, auth);
    await brightbird(['export', 'out']);
    const files = await readdir(join(folder, 'out/flows'));
    for (const file of ['etc-passwd.yaml', 'a-b.yaml', 'a-b-2.yaml', 'unnamed.yaml', `${'x'.repeat(80)}.yaml`]) {
      expect(files).toContain(file);
    }
    expect(await readdir(folder)).toEqual(['out']);
  });
});

test('the program brightbird uses the folder in which npm was called, prints, and exits with 1 on an error', async () => {
  await write({ 'good.yaml': 'kind: Group\nname: by program\n', 'bad.yaml': 'kind: Gruop\n' });
  const run = async (file: string) => {
    const child = spawn(process.execPath, [program, 'apply', '-f', file], {
      cwd: started,
      env: { PATH: process.env.PATH, BRIGHTBIRD_URL: server.url, BRIGHTBIRD_ADMIN_TOKEN: token, INIT_CWD: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return Promise.all([text(child.stdout), text(child.stderr), ended]);
  };
  expect(await run('good.yaml')).toEqual([
    'created    Group    by program\n1 created, 0 updated, 0 unchanged\n',
    '',
    0,
  ]);
  expect(await run('bad.yaml')).toEqual(['', expect.stringMatching(/^bad\.yaml:1:7: unknown kind "Gruop"/), 1]);
});

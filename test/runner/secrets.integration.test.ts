import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { WorkFile, WorkStep } from '../../src/model/work.ts';
import { bash, Work } from '../support/runner/harness.ts';

const secret = 'correct-horse-battery';

async function withSecret(steps: WorkStep[], more: Partial<WorkFile> = {}): Promise<Work> {
  const work = await Work.create(steps, more);
  await mkdir(join(work.directory, 'secrets'));
  await writeFile(join(work.directory, 'secrets/token'), secret);
  return work;
}

const withToken = (instance: string, script: string, more: Partial<WorkStep> = {}) => {
  const step = bash(instance, script, more);
  return { ...step, input: { ...step.input, env: { TOKEN: '{{secret.token}}' } } };
};

describe('a step on a site with a MySQL server', () => {
  const access = {
    connTemplate: 'tester:correct-horse@(db:3306)/%s?parseTime=true&loc=Local',
    dsn: 'tester:correct-horse@(db:3306)/brightbird-0badcafe?parseTime=true&loc=Local',
  };

  test('the step gets template and DSN unmasked, and the password is hidden in its output', async () => {
    await using work = await Work.create([
      bash('use', 'cat > context; cat context; echo "{\\"dsn\\": \\"x tester:correct-horse@(db)\\"}"'),
    ]);
    await mkdir(join(work.directory, 'secrets'));
    await writeFile(join(work.directory, 'secrets/mysql.json'), JSON.stringify(access));
    const run = await work.run();
    const context = JSON.parse(await readFile(join(work.directory, 'files/context'), 'utf8'));
    expect(context).toMatchObject({ mysqlConnTemplate: access.connTemplate, mysqlDSN: access.dsn });
    expect(run.end('use')).toMatchObject({ outputs: { dsn: 'x ***(db)' } });
    expect(run.printed.join()).toContain('"mysqlDSN":"***(db:3306)/brightbird-0badcafe?');
    expect([...run.lines, ...run.errors].join('\n')).not.toContain('correct-horse');
  });

  test('the context has no MySQL fields on a site without MySQL', async () => {
    await using work = await Work.create([bash('use', 'cat > context')]);
    await work.run();
    const context = JSON.parse(await readFile(join(work.directory, 'files/context'), 'utf8'));
    expect(Object.keys(context).filter((name) => name.startsWith('mysql'))).toEqual([]);
  });
});

describe('a step that refers to a secret', () => {
  test('the step gets the value, which is hidden in its log, outputs and error', async () => {
    await using work = await withSecret([
      withToken(
        'use',
        `[ "$TOKEN" = ${secret} ] && echo same; echo "on stdout $TOKEN"; echo "on stderr $TOKEN" >&2; echo "{\\"said\\": \\"$TOKEN\\"}"`,
      ),
      withToken('fail', 'echo "no access with $TOKEN" >&2; exit 3'),
    ]);
    const run = await work.run();
    expect(run.printed).toEqual(['same', 'on stdout ***', '{"said": "***"}']);
    expect(run.errors).toEqual(['on stderr ***', 'no access with ***']);
    expect(run.end('use')).toMatchObject({ outputs: { said: '***' }, masked: [['said']] });
    expect(run.end('fail')?.error?.message).toContain('no access with ***');
    expect([...run.lines, ...run.errors].join('\n')).not.toContain(secret);
  });

  test('the output is masked however it is cut into pieces', async () => {
    const [one, two] = [secret.slice(0, 7), secret.slice(7)];
    await using work = await withSecret([withToken('use', `printf %s ${one}; sleep 0.2; echo ${two}`)]);
    expect((await work.run()).printed).toEqual(['***']);
  });

  test('later steps get the unmasked output, and the input without the secret', async () => {
    await using work = await withSecret([
      withToken('make', 'echo "{\\"token\\": \\"$TOKEN\\"}"'),
      bash('take', `[ "{{make.token}}" = ${secret} ] && echo taken; cat > context`),
    ]);
    const run = await work.run();
    expect(run.printed).toContain('taken');
    const context = JSON.parse(await readFile(join(work.directory, 'files/context'), 'utf8'));
    expect(context.nodes.make).toMatchObject({ input: { env: { TOKEN: '***' } }, output: { token: secret } });
  });

  test.each([
    ['{{login.token}}', '{{login.token}}: login.token contained a secret, which is not stored for a retry'],
    ['all: {{login}}', '{{login}}: login.token contained a secret'],
  ])('a step that uses %s, a masked output of an earlier attempt, fails with a hint', async (value, message) => {
    await using work = await withSecret(
      [withToken('login', 'exit 9'), bash('show', 'echo user {{login.user}}'), bash('use', value)],
      { earlier: { login: { token: '***', user: 'ann' } }, masked: { login: [['token']] } },
    );
    const run = await work.run();
    expect(run.printed).toEqual(['user ann']);
    expect(run.end('use')?.error).toMatchObject({ code: 'input_invalid', where: { path: 'input.script' } });
    expect(run.end('use')?.error?.message).toContain(message);
    expect(run.end('use')?.error?.hint).toContain('{{secret.name}}');
  });

  test('a step fails with the name of a secret that the runner does not have', async () => {
    await using work = await Work.create([withToken('use', 'true')]);
    const run = await work.run();
    expect(run.end('use')?.error).toMatchObject({ code: 'input_invalid', where: { path: 'input.env.TOKEN' } });
    expect(run.end('use')?.error?.message).toContain('{{secret.token}}');
  });
});

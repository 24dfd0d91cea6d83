import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { bash, type RunnerProcess, step, Work } from '../support/runner/harness.ts';

/** Returns a script that counts its tries in a file, prints the number, and continues with `rest`. */
const counting = (rest: string): string => `echo x >> tries; n=$(wc -l < tries); echo "here is $n"; ${rest}`;

/** Returns the begins and ends of a step with the number of the try. */
const triesOf = (run: RunnerProcess, instance: string): [string, number | undefined][] =>
  run.markers.flatMap((marker) => {
    if (marker.brightbird !== 'step.start' && marker.brightbird !== 'step.end') return [];
    return marker.instance === instance ? [[marker.brightbird, marker.tries]] : [];
  });

describe('a step with retry', () => {
  test('a failed step alone runs again until it succeeds, and the log has the try and the reason of the last failure', async () => {
    await using work = await Work.create([
      bash('before', 'echo before'),
      bash('flaky', counting('echo "{\\"n\\": $n}"; [ $n = 3 ] || { echo not yet >&2; exit 4; }'), {
        retry: { attempts: 5 },
      }),
      bash('after', 'echo after {{flaky.n}}'),
    ]);
    const run = await work.run();
    expect(run.story.at(-1)).toBe('runner.end success');
    expect(run.printed).toEqual([
      'before',
      'try 1 of 5',
      'here is 1',
      '{"n": 1}',
      'try 1 failed: the script ended with exit code 4: not yet',
      'try 2 of 5',
      'here is 2',
      '{"n": 2}',
      'try 2 failed: the script ended with exit code 4: not yet',
      'try 3 of 5',
      'here is 3',
      '{"n": 3}',
      'after 3',
    ]);
    expect(run.errors).toEqual(['not yet', 'not yet']);
    expect(triesOf(run, 'flaky')).toEqual([
      ['step.start', 1],
      ['step.start', 2],
      ['step.start', 3],
      ['step.end', 3],
    ]);
    expect(run.end('flaky')?.outputs).toEqual({ n: 3 });
  });

  test('a step that never succeeds fails with the error of its last try', async () => {
    await using work = await Work.create([
      bash('flaky', counting('exit $n'), { retry: { attempts: 3 } }),
      bash('never', 'echo never'),
    ]);
    const run = await work.run();
    expect(run.printed).toEqual([
      'try 1 of 3',
      'here is 1',
      'try 1 failed: the script ended with exit code 1: here is 1',
      'try 2 of 3',
      'here is 2',
      'try 2 failed: the script ended with exit code 2: here is 2',
      'try 3 of 3',
      'here is 3',
    ]);
    expect(run.end('flaky')).toMatchObject({
      tries: 3,
      error: { message: 'the script ended with exit code 3: here is 3' },
    });
    expect(run.markers.at(-1)).toMatchObject({ state: 'error', failedStep: 'flaky' });
  });

  test('the timeout applies to each try, and a try that exceeds it is repeated', async () => {
    await using work = await Work.create([
      bash('slow', counting('[ $n = 1 ] && sleep 60; exit 0'), { retry: { attempts: 2 }, timeoutMs: 1000 }),
    ]);
    const run = await work.run();
    expect(run.printed).toContain('try 1 failed: step slow exceeded its timeout of 1 s');
    expect(run.end('slow')).toMatchObject({ state: 'success', tries: 2 });
  });

  test('a step waits for its delay before another try, and logs it', async () => {
    await using work = await Work.create([
      bash('flaky', counting('[ $n = 2 ]'), { retry: { attempts: 2, delayMs: 400 } }),
    ]);
    const run = await work.run();
    expect(run.printed).toEqual([
      'try 1 of 2',
      'here is 1',
      'try 1 failed: the script ended with exit code 1: here is 1',
      'try 2 of 2, in 0.4 s',
      'here is 2',
    ]);
    const [, second, end] = run.markers.slice(1).map(({ at }) => Date.parse(at));
    expect(Number(end) - Number(second)).toBeGreaterThanOrEqual(400);
  });

  test('an invalid input is not retried', async () => {
    const input = { url: 'http://x', expect: { status: 99 } };
    await using work = await Work.create([step('check', 'http-check', input, { retry: { attempts: 3 } })]);
    const run = await work.run();
    expect(run.end('check')).toMatchObject({ tries: 1, error: { code: 'input_invalid' } });
  });

  test('a retry of one attempt has one try', async () => {
    await using work = await Work.create([bash('once', counting('exit 1'), { retry: { attempts: 1 } })]);
    const run = await work.run();
    expect(run.printed).toEqual(['try 1 of 1', 'here is 1']);
    expect(run.end('once')).toMatchObject({ state: 'error', tries: 1 });
  });
});

test('a step without retry has no number of tries in its markers and its log', async () => {
  await using work = await Work.create([bash('say', 'echo hello')]);
  const run = await work.run();
  expect(run.printed).toEqual(['hello']);
  expect(triesOf(run, 'say')).toEqual([
    ['step.start', undefined],
    ['step.end', undefined],
  ]);
});

describe('the count of tries after a restart of the runner', () => {
  test('a try that was interrupted by a kill has not failed and is repeated', async () => {
    await using work = await Work.create([
      bash('flaky', counting('[ $n = 2 ] && { echo waiting; sleep 60; }; exit 9'), { retry: { attempts: 3 } }),
    ]);
    const first = work.start();
    await first.printedLine('waiting');
    first.child.kill('SIGKILL');
    await first.ended;
    const second = await work.run();
    expect(second.printed).toEqual([
      'try 2 of 3',
      'here is 3',
      'try 2 failed: the script ended with exit code 9: here is 3',
      'try 3 of 3',
      'here is 4',
    ]);
    expect(second.end('flaky')).toMatchObject({ state: 'error', tries: 3 });
  });

  test('the next step counts from one', async () => {
    await using work = await Work.create([
      bash('flaky', counting('[ $n = 2 ]'), { retry: { attempts: 2 } }),
      bash('next', '[ -e again ] && exit 0; touch again; echo waiting; sleep 60', { retry: { attempts: 2 } }),
    ]);
    const first = work.start();
    await first.printedLine('waiting');
    first.child.kill('SIGKILL');
    await first.ended;
    const second = await work.run();
    expect(triesOf(second, 'next')).toEqual([
      ['step.start', 1],
      ['step.end', 1],
    ]);
  });
});

test('a stop ends the wait for another try, cancels the step and starts no further try', async () => {
  await using work = await Work.create([
    bash('flaky', counting('exit 1'), { retry: { attempts: 2, delayMs: 600_000 } }),
  ]);
  const run = work.start();
  await run.printedLine('try 2 of 2, in 600 s');
  run.child.kill('SIGTERM');
  expect(await run.ended).toBe(143);
  expect(run.end('flaky')).toMatchObject({ state: 'canceled', tries: 2 });
  expect(await readFile(join(work.directory, 'files/tries'), 'utf8')).toBe('x\n');
});

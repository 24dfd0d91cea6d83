import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import type { Marker } from '../../src/model/marker.ts';
import { createSigner } from '../../src/model/marker-signature.ts';
import { loadWork } from '../../src/model/stored-work.ts';
import { createOutput } from '../../src/runner/output.ts';
import { runWork } from '../../src/runner/run-work.ts';
import { bash, type RunnerProcess, Work } from '../support/runner/harness.ts';

const always = { always: true } as const;

function verdictOf(run: RunnerProcess): Extract<Marker, { brightbird: 'runner.end' }> | undefined {
  return run.markers.find((marker) => marker.brightbird === 'runner.end');
}

describe('a step with always', () => {
  test('a step with always runs after a failure, in its place in the order, and other steps are skipped', async () => {
    await using work = await Work.create([
      bash('make', 'echo \'{"n": 1}\''),
      bash('fail', 'echo failing; exit 3'),
      bash('between', 'echo between'),
      bash('diagnose', 'echo diagnosing {{make.n}}', always),
      bash('more', 'echo more'),
      bash('tidy', 'echo tidying', always),
    ]);
    const run = await work.run();
    expect(await run.ended).toBe(0);
    expect(run.story).toEqual([
      'runner.start',
      'step.start make',
      'step.end make success',
      'step.start fail',
      'step.end fail error',
      'step.start diagnose',
      'step.end diagnose success',
      'step.start tidy',
      'step.end tidy success',
      'runner.end error',
    ]);
    expect(run.printed.slice(1)).toEqual(['failing', 'diagnosing 1', 'tidying']);
    expect(verdictOf(run)).toMatchObject({ failedStep: 'fail', skipped: ['between', 'more'] });
  });

  test('a step with always runs normally when nothing fails, and no step is skipped', async () => {
    await using work = await Work.create([bash('tidy', 'echo tidying', always), bash('check', 'echo checking')]);
    const run = await work.run();
    expect(run.printed).toEqual(['tidying', 'checking']);
    expect(verdictOf(run)).toMatchObject({ state: 'success' });
    expect(verdictOf(run)?.skipped).toBeUndefined();
  });

  test('the verdict names the step that failed first when a step with always fails too', async () => {
    await using work = await Work.create([
      bash('fail', 'exit 3'),
      bash('tidy', 'exit 4', always),
      bash('tell', 'echo telling', always),
    ]);
    const run = await work.run();
    expect(run.end('tidy')?.state).toBe('error');
    expect(run.printed).toEqual(['telling']);
    expect(verdictOf(run)).toMatchObject({ state: 'error', failedStep: 'fail' });
  });

  test('the first failure of a step with always skips the steps without it', async () => {
    await using work = await Work.create([bash('tidy', 'exit 4', always), bash('check', 'echo checking')]);
    const run = await work.run();
    expect(run.printed).toEqual([]);
    expect(verdictOf(run)).toMatchObject({ failedStep: 'tidy', skipped: ['check'] });
  });

  test.each(['fail', 'between'])(
    'a step with always fails when it refers to the missing output of "%s"',
    async (source) => {
      await using work = await Work.create([
        bash('make', 'echo \'{"n": 1}\''),
        bash('fail', 'exit 3'),
        bash('between', 'echo \'{"n": 1}\''),
        bash('tidy', `echo {{${source}.n}}`, always),
      ]);
      const run = await work.run();
      expect(run.end('tidy')?.error).toEqual({
        code: 'input_invalid',
        message: `{{${source}.n}}: no step "${source}" has succeeded`,
        where: { path: 'input.script', step: 'tidy' },
        hint: 'the steps that have: make',
      });
      expect(verdictOf(run)).toMatchObject({ failedStep: 'fail' });
    },
  );

  test('a step with always is retried by its own retry', async () => {
    await using work = await Work.create([
      bash('fail', 'exit 3', { retry: { attempts: 2 } }),
      bash('tidy', '[ -e again ] && exit 0; touch again; exit 1', { ...always, retry: { attempts: 2 } }),
    ]);
    const run = await work.run();
    expect(run.end('tidy')).toMatchObject({ state: 'success', tries: 2 });
  });
});

describe('a runner killed in a step with always', () => {
  test('a runner killed in a step with always resumes it, runs no failed or skipped step, and keeps the verdict', async () => {
    await using work = await Work.create([
      bash('fail', 'echo failing; exit 3'),
      bash('between', 'echo between'),
      bash('first', 'echo first', always),
      bash('second', '[ -e again ] && exit 0; touch again; echo waiting; sleep 60', always),
    ]);
    const first = work.start();
    await first.printedLine('waiting');
    first.child.kill('SIGKILL');
    await first.ended;
    const second = await work.run();
    expect(second.story).toEqual([
      'runner.start',
      'step.end first success',
      'step.start second',
      'step.end second success',
      'runner.end error',
    ]);
    expect(second.printed).toEqual([]);
    expect(verdictOf(second)).toMatchObject({ failedStep: 'fail', skipped: ['between'] });
  });
});

describe('stopping a run', () => {
  test('a stop during a step starts no step with always', async () => {
    await using work = await Work.create([
      bash('wait', 'echo waiting; sleep 60'),
      bash('tidy', 'echo tidying', always),
    ]);
    const run = work.start();
    await run.printedLine('waiting');
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(143);
    expect(run.printed).toEqual(['waiting']);
    expect(verdictOf(run)).toBeUndefined();
  });

  test('a stop during a step with always ends it, and starts no other', async () => {
    await using work = await Work.create([
      bash('fail', 'exit 3'),
      bash('tidy', 'echo tidying; sleep 60', always),
      bash('tell', 'echo telling', always),
    ]);
    const run = work.start();
    await run.printedLine('tidying');
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(143);
    expect(run.story.slice(-1)).toEqual(['step.end tidy canceled']);
    expect(run.printed).toEqual(['tidying']);
  });

  test('a stop before the first step starts no step', async () => {
    const steps = [bash('fail', 'exit 3'), bash('tidy', 'echo tidying', always)];
    await using work = await Work.create(steps);
    const file = join(work.directory, 'work.json');
    const printed = new PassThrough();
    const mask = (text: string): string => text;
    const output = createOutput({ mark: 'a mark', sign: createSigner(), out: printed, err: printed, mask });
    const options = { work: loadWork(await readFile(file, 'utf8')), file, output, secrets: {}, mask };
    expect(await runWork({ ...options, stop: AbortSignal.abort() })).toBe('stopped');
    printed.end();
    expect((await text(printed)).match(/"brightbird":"[^"]+"/g)).toEqual(['"brightbird":"runner.start"']);
  });
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { bash, type RunnerProcess, Work } from '../support/runner/harness.ts';

const kill = async (run: RunnerProcess): Promise<void> => {
  run.child.kill('SIGKILL');
  await run.ended;
};

describe('a runner killed with SIGKILL', () => {
  test('a runner killed during a step resumes with that step and the outputs of earlier steps', async () => {
    await using work = await Work.create([
      bash('before', 'echo before ran; echo \'{"n": 41}\''),
      bash('middle', 'echo middle {{before.n}}; [ -e again ] && exit 0; touch again; echo waiting; sleep 60'),
      bash('after', 'echo after {{before.n}}'),
    ]);
    const first = work.start();
    await first.printedLine('waiting');
    await kill(first);
    const second = await work.run();
    expect(second.story).toEqual([
      'runner.start',
      'step.end before success',
      'step.start middle',
      'step.end middle success',
      'step.start after',
      'step.end after success',
      'runner.end success',
    ]);
    expect(second.markers[0]).toMatchObject({ resumesAfter: 'before' });
    expect(second.markers[1]).toEqual(first.end('before'));
    expect(second.printed).toEqual(['middle 41', 'after 41']);
  });

  test('a runner killed at any moment repeats no completed step', async () => {
    const count = 12;
    const steps = Array.from({ length: count }, (_, index) => bash(`s${index}`, `echo ${index} >> ran; sleep 0.02`));
    await using work = await Work.create(steps);
    const completed = new Set<string>();
    for (let delay = 150; ; delay += 40) {
      const run = work.start();
      const timer = setTimeout(() => run.child.kill('SIGKILL'), delay);
      const code = await run.ended;
      clearTimeout(timer);
      const started = run.story.filter((line) => line.startsWith('step.start')).map((line) => line.split(' ')[1] ?? '');
      for (const instance of started) expect(completed.has(instance)).toBe(false);
      for (const line of run.story.filter((one) => one.startsWith('step.end'))) completed.add(line.split(' ')[1] ?? '');
      if (code === 0) break;
    }
    expect(completed.size).toBe(count);
    const ran = (await readFile(join(work.directory, 'files/ran'), 'utf8')).trimEnd().split('\n');
    expect([...new Set(ran)]).toEqual(steps.map((_, index) => String(index)));
  });

  test('a runner killed after its verdict writes it again with the end of the last step, and runs nothing', async () => {
    await using work = await Work.create([bash('fail', 'echo once; exit 3')]);
    const first = await work.run();
    const second = await work.run();
    expect(await second.ended).toBe(0);
    expect(second.markers).toEqual(first.markers.slice(-2));
    expect(second.printed).toEqual([]);
  });
});

describe('a runner stopped with SIGTERM', () => {
  test('SIGTERM ends the running step and its processes, marks it as canceled, and gives no verdict', async () => {
    await using work = await Work.create([
      bash('done', 'echo done'),
      bash('wait', 'trap "echo tidied; exit 1" TERM; echo waiting; sleep 60 & wait'),
      bash('never', 'echo never'),
    ]);
    const run = work.start();
    await run.printedLine('waiting');
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(143);
    expect(run.story).toEqual([
      'runner.start',
      'step.start done',
      'step.end done success',
      'step.start wait',
      'step.end wait canceled',
    ]);
    expect(run.printed).toEqual(['done', 'waiting', 'tidied']);
    expect(run.end('wait')?.error).toBeUndefined();
  });

  test('a stopped runner can be restarted and resumes', async () => {
    await using work = await Work.create([
      bash('done', 'echo done'),
      bash('wait', '[ -e again ] && exit 0; touch again; echo waiting; sleep 60'),
    ]);
    const first = work.start();
    await first.printedLine('waiting');
    first.child.kill('SIGTERM');
    await first.ended;
    const second = await work.run();
    expect(second.printed).toEqual([]);
    expect(second.story.at(-1)).toBe('runner.end success');
  });
});

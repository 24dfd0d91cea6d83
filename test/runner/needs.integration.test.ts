import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseMarker } from '../../src/model/marker.ts';
import { bash, mark, type RunnerProcess, Work } from '../support/runner/harness.ts';

/** Returns a step that ends only when the other one has begun too. */
const meet = (me: string, other: string, rest = '', more = {}) =>
  bash(me, `touch ${me}.here; while [ ! -e ${other}.here ]; do sleep 0.01; done; ${rest}`, { needs: [], ...more });

/** Returns the index of a marker in a run's story; -1 when it is missing. */
const placeOf = (run: RunnerProcess, line: string): number => run.story.indexOf(line);

/** Returns the step of each printed line, by the markers before it. */
function linesByStep(run: RunnerProcess): Record<string, string[]> {
  const found = new Map<string, string[]>();
  let step = 'none';
  for (const line of run.lines) {
    const marker = parseMarker(line, mark);
    if (marker?.brightbird === 'step.start' || marker?.brightbird === 'step.lines') step = marker.instance;
    else if (marker?.brightbird === 'step.end' && marker.instance === step) step = 'none';
    else if (!marker) found.set(step, [...(found.get(step) ?? []), line]);
  }
  return Object.fromEntries(found);
}

describe('steps with `needs`', () => {
  test('steps run in parallel when they do not need each other', async () => {
    await using work = await Work.create([meet('one', 'two'), meet('two', 'one'), bash('last', 'echo last')]);
    const run = await work.run();
    expect(run.story.at(-1)).toBe('runner.end success');
  });

  test('steps begin when their needs have ended, and a step without `needs` when all earlier steps have ended', async () => {
    await using work = await Work.create([
      bash('make', 'echo \'{"n": 1}\''),
      meet('slow', 'quick', 'echo slow {{make.n}}', { needs: ['make'] }),
      bash('quick', 'touch quick.here; echo quick {{make.n}}', { needs: ['make'] }),
      bash('last', 'echo last'),
    ]);
    const run = await work.run();
    expect(linesByStep(run)).toEqual({ make: ['{"n": 1}'], slow: ['slow 1'], quick: ['quick 1'], last: ['last'] });
    for (const before of ['make', 'slow', 'quick']) {
      expect(placeOf(run, `step.end ${before} success`)).toBeGreaterThanOrEqual(0);
      expect(placeOf(run, `step.end ${before} success`)).toBeLessThan(placeOf(run, 'step.start last'));
    }
    expect(placeOf(run, 'step.end make success')).toBeLessThan(placeOf(run, 'step.start quick'));
  });

  test('lines of parallel steps are complete and assigned to their step, on both streams', async () => {
    const print = (name: string) =>
      `i=0; while [ $i -lt 300 ]; do printf "${name} "; echo "$i"; echo "${name} err $i" >&2; i=$((i+1)); done`;
    await using work = await Work.create([meet('one', 'two', print('one')), meet('two', 'one', print('two'))]);
    const run = await work.run();
    expect(run.errors).toEqual([]);
    for (const [name, lines] of Object.entries(linesByStep(run))) {
      expect(lines.filter((line) => !line.includes('err'))).toEqual(
        Array.from({ length: 300 }, (_, index) => `${name} ${index}`),
      );
      expect(lines).toHaveLength(600);
    }
  });

  test('running steps end normally after a failure, and only steps with always begin after it', async () => {
    await using work = await Work.create([
      meet('fail', 'run', 'exit 3'),
      meet('run', 'fail', 'while [ ! -e tidied ]; do sleep 0.01; done; echo ran'),
      bash('after', 'echo after', { needs: ['run'] }),
      bash('tidy', 'touch tidied; echo tidying', { always: true, needs: ['fail'] }),
    ]);
    const run = await work.run();
    expect(run.printed.sort()).toEqual(['ran', 'tidying']);
    expect(run.end('run')?.state).toBe('success');
    const verdict = run.markers.at(-1);
    expect(verdict).toMatchObject({ brightbird: 'runner.end', failedStep: 'fail', skipped: ['after'] });
  });

  test('SIGTERM ends all parallel steps', async () => {
    const wait = (me: string, other: string) => meet(me, other, 'echo waiting; exec sleep 60');
    await using work = await Work.create([wait('one', 'two'), wait('two', 'one'), bash('last', 'echo last')]);
    const run = work.start();
    while (run.lines.filter((line) => line === 'waiting').length < 2) await run.nextLine();
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(143);
    expect(run.story.filter((line) => line.startsWith('step.end')).sort()).toEqual([
      'step.end one canceled',
      'step.end two canceled',
    ]);
  });

  test('steps that had not ended run again after a crash with their tries, and ended steps do not', async () => {
    await using work = await Work.create([
      bash('done', 'echo once >> ran', { needs: [] }),
      bash('tried', 'echo try >> tries; [ "$(wc -l < tries)" -gt 1 ] || exit 3; [ -e again ] || exec sleep 60', {
        needs: ['done'],
        retry: { attempts: 2 },
      }),
      bash('waits', '[ -e again ] || exec sleep 60', { needs: ['done'] }),
      bash('tells', 'echo now; exec sleep 60', { needs: ['done'] }),
    ]);
    const first = work.start();
    await first.printedLine('now');
    while (first.story.filter((line) => line === 'step.start tried').length < 2) await first.nextLine();
    first.child.kill('SIGKILL');
    await first.ended;
    await writeFile(join(work.directory, 'files/again'), '');
    const second = work.start();
    await second.printedLine('now');
    while (second.story.filter((line) => line.startsWith('step.end')).length < 3) await second.nextLine();
    expect(second.story.filter((line) => line.startsWith('step.end')).sort()).toEqual([
      'step.end done success',
      'step.end tried success',
      'step.end waits success',
    ]);
    expect(second.end('tried')).toMatchObject({ tries: 2 });
    second.child.kill('SIGTERM');
    await second.ended;
    expect(await readFile(join(work.directory, 'files/ran'), 'utf8')).toBe('once\n');
  });
});

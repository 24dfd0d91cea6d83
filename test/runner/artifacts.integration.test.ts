import { describe, expect, test } from '@jest/globals';
import { bash, type RunnerProcess, Work } from '../support/runner/harness.ts';

/** Returns the complete artifacts of a run by step and path. */
function filesOf(run: RunnerProcess): Record<string, string> {
  const parts: Record<string, Buffer[]> = {};
  for (const marker of run.markers) {
    if (marker.brightbird !== 'step.file') continue;
    const name = `${marker.instance}/${marker.path}`;
    const before = parts[name] ?? [];
    expect(marker.part).toBe(before.length);
    parts[name] = [...before, Buffer.from(marker.data, 'base64')];
  }
  return Object.fromEntries(Object.entries(parts).map(([name, all]) => [name, Buffer.concat(all).toString()]));
}

describe('the artifacts of a step', () => {
  test('artifacts are written before the end of the step, in parts, with subfolders, after success and failure', async () => {
    await using work = await Work.create([
      bash('make', 'mkdir -p "$ARTIFACTS/sub"; echo one > "$ARTIFACTS/b.txt"; : > "$ARTIFACTS/sub/empty"'),
      bash('fail', 'seq 1 20000 > "$ARTIFACTS/numbers"; exit 3'),
    ]);
    const run = await work.run();
    const numbers = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join('');
    expect(filesOf(run)).toEqual({ 'make/b.txt': 'one\n', 'make/sub/empty': '', 'fail/numbers': numbers });
    expect(run.story).toEqual([
      'runner.start',
      'step.start make',
      'step.file make',
      'step.file make',
      'step.end make success',
      'step.start fail',
      'step.file fail',
      'step.file fail',
      'step.file fail',
      'step.end fail error',
      'runner.end error',
    ]);
    expect(run.errors).toEqual([]);
  });

  test('artifacts may be binary, and a program has its folder also in the context', async () => {
    await using work = await Work.create([
      bash('make', 'printf "\\\\000\\\\377" > "$ARTIFACTS/x"; echo "$1" | grep -c "\\"artifacts\\":\\"$ARTIFACTS\\""'),
    ]);
    const run = await work.run();
    expect(run.printed).toEqual(['1']);
    expect(run.markers.find(({ brightbird }) => brightbird === 'step.file')).toMatchObject({
      size: 2,
      data: Buffer.from([0, 255]).toString('base64'),
    });
  });

  test('artifacts are those of the last try', async () => {
    await using work = await Work.create([
      bash(
        'flaky',
        '[ -e again ] && { echo 2 > $ARTIFACTS/two; exit 0; }; touch again; echo 1 > $ARTIFACTS/one; exit 1',
        {
          retry: { attempts: 2 },
        },
      ),
    ]);
    expect(filesOf(await work.run())).toEqual({ 'flaky/two': '2\n' });
  });

  test('artifacts beyond 4 MB and 100 files, links and pipes are not stored, and the log reports that', async () => {
    await using work = await Work.create([
      bash(
        'large',
        'head -c 3000000 /dev/zero > $ARTIFACTS/a; head -c 3000000 /dev/zero > $ARTIFACTS/b; echo c > $ARTIFACTS/c',
      ),
      bash('many', 'for i in $(seq 100 204); do : > $ARTIFACTS/$i; done'),
      bash('odd', 'ln -s /etc/passwd $ARTIFACTS/link; ln -s / $ARTIFACTS/root; mkfifo $ARTIFACTS/pipe'),
      bash('case29', 'cd "$ARTIFACTS"; printf "<testsuite/>" > real.xml; ln -s real.xml latest.xml; mkfifo pipe'),
      bash('lines', 'cd "$ARTIFACTS"; ln -s x "$(printf "a\\nb")"; for i in $(seq 30); do ln -s x l$i; done'),
    ]);
    const run = await work.run();
    const names = Object.keys(filesOf(run));
    expect(names.filter((name) => name.startsWith('large'))).toEqual(['large/a', 'large/c']);
    expect(names.filter((name) => name.startsWith('many'))).toHaveLength(100);
    expect(names.filter((name) => name.startsWith('odd'))).toEqual([]);
    expect(run.printed).toEqual([
      'artifact b is not stored: the artifacts of the step exceed the limit of 4 MB',
      'artifact 200 is not stored: the step has more than 100 artifacts',
      'artifact link is not stored: it is a symbolic link',
      'artifact pipe is not stored: it is a named pipe',
      'artifact root is not stored: it is a symbolic link',
      'artifact latest.xml is not stored: it is a symbolic link',
      'artifact pipe is not stored: it is a named pipe',
      'artifact "a\\nb" is not stored: it is a symbolic link',
      ...Array.from({ length: 19 }, () =>
        expect.stringMatching(/^artifact l\d+ is not stored: it is a symbolic link$/),
      ),
      'more links, pipes and devices are not stored',
    ]);
    expect(names.filter((name) => name.startsWith('case29'))).toEqual(['case29/real.xml']);
    expect(run.story.at(-1)).toBe('runner.end success');
  });

  test('a step that removed its folder has no artifacts', async () => {
    await using work = await Work.create([bash('remove', 'rm -r $ARTIFACTS')]);
    const run = await work.run();
    expect(run.printed).toEqual([]);
    expect(run.story).toEqual(['runner.start', 'step.start remove', 'step.end remove success', 'runner.end success']);
  });
});

test('a restarted runner writes the artifacts of the newest ended step again, as they may be lost', async () => {
  await using work = await Work.create([bash('make', 'echo kept > $ARTIFACTS/file')]);
  const first = await work.run();
  const second = await work.run();
  expect(filesOf(second)).toEqual({ 'make/file': 'kept\n' });
  expect(second.story).toEqual(['step.file make', 'step.end make success', 'runner.end success']);
  expect(second.markers.slice(-2)).toEqual(first.markers.slice(-2));
});

test('a step does not fail when its artifacts folder is unreadable', async () => {
  await using work = await Work.create([bash('make', 'rm -r $ARTIFACTS; echo no folder > $ARTIFACTS')]);
  const run = await work.run();
  expect(run.story.at(-1)).toBe('runner.end success');
  expect(run.printed).toEqual([expect.stringMatching(/^cannot store the artifacts: ENOTDIR/)]);
});

test('a step that replaced its folder by a link has no artifacts, and the log reports that', async () => {
  await using work = await Work.create([bash('make', 'rm -r $ARTIFACTS; ln -s /etc $ARTIFACTS')]);
  const run = await work.run();
  expect(filesOf(run)).toEqual({});
  expect(run.printed).toEqual(['cannot store the artifacts: make is a symbolic link']);
});

test('a stopped step has no artifacts', async () => {
  await using work = await Work.create([bash('wait', 'echo x > $ARTIFACTS/x; echo waiting; sleep 60')]);
  const run = work.start();
  await run.printedLine('waiting');
  run.child.kill('SIGTERM');
  await run.ended;
  expect(run.story).toEqual(['runner.start', 'step.start wait', 'step.end wait canceled']);
});

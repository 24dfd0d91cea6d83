import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { emptyStreamHead } from '../../src/services/logs/stream-head.ts';
import { MarkerReader } from '../../src/services/runs/marker-reader.ts';
import { bash, mark, step, Work } from '../support/runner/harness.ts';

describe('a run', () => {
  test('a run without steps delivers its verdict and exits with 0', async () => {
    await using work = await Work.create([]);
    const run = await work.run();
    expect(await run.ended).toBe(0);
    expect(run.story).toEqual(['runner.start', 'runner.end success']);
    expect(run.lines[0]).toMatch(/^\{"brightbird":"runner.start","mark":"a-mark-of-the-tests","at":"20/);
    expect(run.errors).toEqual([]);
  });

  test('a run executes its steps in order and passes typed outputs to later steps', async () => {
    await using work = await Work.create([
      bash('make', 'echo working; echo \'{"port": 8080, "names": ["a", "b"]}\''),
      step('use', 'bash', {
        script: 'echo "{{make.names.1}} on {{make.port}} at {{global.logLevel}}" $WHO',
        env: { WHO: '{{make.names.0}}' },
      }),
    ]);
    const run = await work.run();
    expect(run.story).toEqual([
      'runner.start',
      'step.start make',
      'step.end make success',
      'step.start use',
      'step.end use success',
      'runner.end success',
    ]);
    expect(run.end('make')?.outputs).toEqual({ port: 8080, names: ['a', 'b'] });
    expect(run.end('use')?.outputs).toEqual({});
    expect(run.printed).toEqual(['working', '{"port": 8080, "names": ["a", "b"]}', 'b on 8080 at DEBUG a']);
  });

  test('a run stops at the first failed step, reports its last lines, and still exits with 0', async () => {
    await using work = await Work.create([
      bash('look', 'echo looking; echo found 3 of 5 >&2; exit 7'),
      bash('never', 'echo no'),
    ]);
    const run = await work.run();
    expect(await run.ended).toBe(0);
    expect(run.story).toEqual(['runner.start', 'step.start look', 'step.end look error', 'runner.end error']);
    expect(run.markers.at(-1)).toMatchObject({ failedStep: 'look' });
    expect(run.end('look')?.error).toEqual({
      code: 'step_failed',
      message: 'the script ended with exit code 7: found 3 of 5',
      where: { step: 'look' },
    });
    expect(run.errors).toEqual(['found 3 of 5']);
  });

  test.each([
    ['larger than 64 KB', 100_000, /^the output is dropped: the output of 98 KB of JSON exceeds/],
    ['larger than the stored part of stdout', 3_000_000, /^the output is dropped: .* exceeds the limit of 1024 KB/],
  ])('a run drops a last JSON object that is %s and that no step refers to, and logs it', async (_, size, note) => {
    await using work = await Work.create([
      bash('large', `printf '{"x":"'; head -c ${size} /dev/zero | tr "\\0" x; echo '"}'`),
      bash('next', 'echo {{global.logLevel}}'),
    ]);
    const run = await work.run();
    expect(run.story).toContain('step.end large success');
    expect(run.story.at(-1)).toBe('runner.end success');
    expect(run.end('large')?.outputs).toEqual({});
    expect(run.printed.filter((line) => note.test(line))).toHaveLength(1);
  });

  test('a script gets the context of the run as $1 and on stdin', async () => {
    await using work = await Work.create([bash('first', 'echo \'{"a": 1}\''), bash('second', 'echo "$1"; cat')], {
      versions: { bash: 'v9' },
    });
    const run = await work.run();
    const [argument, stdin] = run.printed.slice(1);
    expect(stdin).toBe(argument);
    expect(JSON.parse(argument ?? '')).toEqual({
      namespace: 'brightbird',
      testID: '0badcafe',
      retry: 1,
      registry: '',
      global: { logLevel: 'DEBUG' },
      nodes: {
        first: { input: expect.objectContaining({ instanceName: 'first', codeVersion: 'v9' }), output: { a: 1 } },
        second: { input: expect.objectContaining({ instanceName: 'second', codeVersion: 'v9' }), output: {} },
      },
      currentContext: 'second',
      artifacts: join(work.directory, 'artifacts/second'),
    });
  });

  test('codeVersion is the built commit rather than the requested version', async () => {
    await using work = await Work.create([bash('say', 'echo "$1"')], {
      commits: { bash: 'c0ffee' },
      versions: { bash: 'main' },
    });
    const run = await work.run();
    expect(JSON.parse(run.printed[0] ?? '').nodes.say.input.codeVersion).toBe('c0ffee');
  });

  test('a run prints all of 200,000 lines before its last markers, and ends an unfinished line', async () => {
    await using work = await Work.create([bash('print', 'seq 1 200000; printf unfinished')]);
    const run = await work.run();
    expect(run.printed).toHaveLength(200_001);
    expect(run.printed.slice(0, 200_000).findIndex((line, index) => line !== String(index + 1))).toBe(-1);
    expect(run.printed.at(-1)).toBe('unfinished');
    expect(run.story.slice(-2)).toEqual(['step.end print success', 'runner.end success']);
  });

  test('markers that a step prints are not accepted', async () => {
    const forged = JSON.stringify({ brightbird: 'runner.end', mark: 'guessed', at: 'now', state: 'success' });
    await using work = await Work.create([bash('forge', `echo '${forged}'; exit 1`)]);
    const run = await work.run();
    expect(run.story.at(-1)).toBe('runner.end error');
  });

  test('a run ends the remaining processes of a script without waiting for them', async () => {
    await using work = await Work.create([
      bash('leave', 'sleep 300 & echo $! > left; echo started'),
      bash(
        'look',
        'case $(cut -d" " -f3 /proc/$(cat left)/stat 2>/dev/null) in ""|Z) echo gone;; *) echo alive;; esac',
      ),
    ]);
    const run = await work.run();
    expect(run.printed).toEqual(['started', 'gone']);
  });

  test('a run does not wait long for a process outside the group that holds the output open', async () => {
    await using work = await Work.create([
      bash('leave', 'setsid sleep 30 & echo $! > left'),
      bash('next', 'kill $(cat left)'),
    ]);
    const run = await work.run();
    expect(run.story.at(-1)).toBe('runner.end success');
  });
});

test('a step cannot forge or repeat markers, even after reading the work file', async () => {
  const forge = `
    mark=$(sed 's/.*"mark":"\\([^"]*\\)".*/\\1/' ../work.json)
    printf '{"brightbird":"step.end","mark":"%s","at":"2026-11-30T00:00:00.000Z","instance":"next","state":"success"}\\n' "$mark"
    printf '{"brightbird":"runner.end","mark":"%s","at":"2026-11-30T00:00:00.000Z","state":"success"}\\n' "$mark"
  `;
  await using work = await Work.create([bash('forge', forge), bash('next', 'exit 1')]);
  const run = await work.run();
  // All of them have the mark.
  expect(run.story.filter((line) => line.startsWith('runner.end'))).toEqual(['runner.end success', 'runner.end error']);
  const reader = new MarkerReader(mark, emptyStreamHead.position);
  const believed = [...run.lines, ...run.lines].flatMap((line) => reader.read(line)?.brightbird ?? []);
  expect(believed).toEqual(['runner.start', 'step.start', 'step.end', 'step.start', 'step.end', 'runner.end']);
  expect(reader.signer).toMatchObject({ seq: 5 });
});

describe('a step that fails has the place and the reason', () => {
  type Place = { code: string; where: { step: string; path?: string } };
  const failing: [string, Parameters<typeof Work.create>[0], Place, RegExp][] = [
    [
      'when its input breaks the schema after references are resolved',
      [
        bash('make', 'echo \'{"n": {"x": 1}}\''),
        step('check', 'http-check', { url: 'http://x', retries: '{{make.n}}' }),
      ],
      { code: 'input_invalid', where: { path: 'input.retries', step: 'check' } },
      /cannot be converted to integer/,
    ],
    [
      'when a value violates the schema',
      [step('check', 'http-check', { url: 'http://x', expect: { status: 99 } })],
      { code: 'input_invalid', where: { path: 'input.expect.status', step: 'check' } },
      /must be >= 100/,
    ],
    [
      'when its input has an unknown key',
      [step('check', 'http-check', { url: 'http://x', expects: {} })],
      { code: 'input_invalid', where: { path: 'input', step: 'check' } },
      /"expects"/,
    ],
    [
      'when it refers to a missing output',
      [bash('make', 'echo \'{"a": 1}\''), bash('use', 'echo {{make.b}}')],
      { code: 'input_invalid', where: { path: 'input.script', step: 'use' } },
      /make has no "b"/,
    ],
    [
      'when its output is larger than 64 KB and a later step refers to it, naming the size and that step',
      [
        bash('large', 'printf \'{"x":"\'; head -c 100000 /dev/zero | tr "\\0" x; echo \'"}\''),
        bash('use', 'echo {{large.x}}'),
      ],
      { code: 'step_failed', where: { step: 'large' } },
      /the output of 98 KB of JSON exceeds the limit of 64 KB, and step use refers to it/,
    ],
    [
      'when its printed JSON exceeds the limit and a later step refers to it',
      [
        bash('large', 'printf \'{"x":"\'; head -c 3000000 /dev/zero | tr "\\0" x; echo \'"}\''),
        bash('use', 'echo {{large.x}}'),
      ],
      { code: 'step_failed', where: { step: 'large' } },
      /exceeds the limit of 1024 KB/,
    ],
    [
      "when its output breaks the plugin's own schema",
      [
        bash('make', 'echo \'{"list": [1, "two"]}\'', {
          def: {
            ...bash('x', 'x').def,
            outputSchema: { properties: { list: { type: 'array', items: { type: 'integer' } } } },
          },
        }),
      ],
      { code: 'step_failed', where: { path: 'output.list[1]', step: 'make' } },
      /output\.list\[1\] must be integer/,
    ],
    [
      'when a program of the script is killed',
      [bash('die', 'kill -9 $$')],
      { code: 'step_failed', where: { step: 'die' } },
      /was ended by SIGKILL/,
    ],
    [
      'when its script is too long for the system',
      [bash('long', `: ${'x'.repeat(140_000)}`)],
      { code: 'input_invalid', where: { path: 'input.script', step: 'long' } },
      /128 KB/,
    ],
    [
      'when the runner does not have its built-in plugin',
      [{ ...bash('x', 'x'), def: { ...bash('x', 'x').def, name: 'newer' } }],
      { code: 'plugin_invalid', where: { step: 'x' } },
      /no built-in plugin newer/,
    ],
  ];

  test.each(failing)('a step fails %s', async (_title, steps, error, message) => {
    await using work = await Work.create(steps);
    const run = await work.run();
    expect(await run.ended).toBe(0);
    expect(run.end(error.where.step)?.error).toMatchObject({ ...error, message: expect.stringMatching(message) });
    expect(run.story.at(-1)).toBe('runner.end error');
  });

  test('a step fails when it exceeds its timeout, with the step and the timeout, and its processes are gone', async () => {
    await using work = await Work.create([bash('wait', 'echo $$ > pid; sleep 60; echo never', { timeoutMs: 1000 })]);
    const run = await work.run();
    expect(run.end('wait')?.error).toMatchObject({
      code: 'step_timeout',
      message: 'step wait exceeded its timeout of 1 s',
      where: { step: 'wait' },
    });
    expect(run.printed).toEqual([]);
  });

  test('a step that ignores SIGTERM at its timeout is killed', async () => {
    await using work = await Work.create([
      bash('stubborn', 'trap "" TERM; echo begun; while :; do sleep 1; done', { timeoutMs: 1000 }),
    ]);
    const run = await work.run();
    expect(run.end('stubborn')?.error).toMatchObject({ code: 'step_timeout' });
    expect(run.printed).toEqual(['begun']);
  });
});

test('an unreadable work file is a crash with a message, not a verdict', async () => {
  await using work = await Work.create([]);
  await writeFile(join(work.directory, 'work.json'), '{"broken');
  const run = await work.run();
  expect(await run.ended).toBe(1);
  expect(run.markers).toEqual([]);
  expect(run.errors.join('\n')).toMatch(/JSON/);
});

test('an unreadable checkpoint is a crash, as no step may run twice', async () => {
  await using work = await Work.create([bash('say', 'echo hello')]);
  await writeFile(join(work.directory, 'checkpoint.json'), '{"broken');
  const run = await work.run();
  expect(await run.ended).toBe(1);
  expect(run.printed).toEqual([]);
});

test('a checkpoint of another attempt is ignored', async () => {
  await using work = await Work.create([bash('say', 'echo hello')]);
  const other = { mark: `not ${mark}`, done: [{ instance: 'say', state: { input: {}, output: {} } }] };
  await writeFile(join(work.directory, 'checkpoint.json'), JSON.stringify(other));
  const run = await work.run();
  expect(run.printed).toEqual(['hello']);
});

describe('a retry', () => {
  const steps = [
    bash('make', 'echo made again; exit 1'),
    step('pass', 'bash', { script: 'exit 1', env: { PORT: '{{make.port}}' } }),
    step('use', 'bash', { script: 'echo "{{make.port}} {{pass.ok}}"' }),
    bash('last', 'echo last'),
  ];
  const earlier = { make: { port: 8080 }, pass: { ok: true } };

  test('a retry begins with its step and has the outputs of earlier steps', async () => {
    await using work = await Work.create(steps, { attempt: 2, earlier });
    const run = await work.run();
    expect(run.story).toEqual([
      'runner.start',
      'step.start use',
      'step.end use success',
      'step.start last',
      'step.end last success',
      'runner.end success',
    ]);
    expect(run.printed).toEqual(['8080 true', 'last']);
  });

  test('a retry of the first step runs all steps', async () => {
    await using work = await Work.create([bash('one', 'echo one')], { attempt: 2, earlier: {} });
    expect((await work.run()).printed).toEqual(['one']);
  });

  test('a restarted runner of a retry resumes after the last completed step', async () => {
    const again = [...steps.slice(0, 3), bash('last', 'echo x >> ran; [ $(wc -l < ran) = 2 ] || kill -9 $PPID')];
    await using work = await Work.create(again, { attempt: 2, earlier });
    await work.run();
    const second = await work.run();
    expect(second.story.slice(-3)).toEqual(['step.start last', 'step.end last success', 'runner.end success']);
    expect(second.story).not.toContain('step.start use');
  });
});

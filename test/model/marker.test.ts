import { describe, expect, test } from '@jest/globals';
import { type Marker, markerSchema, parseMarker } from '../../src/model/marker.ts';

const mark = 'a1b2c3d4';
const at = '2026-11-23T10:00:00.000Z';
const start: Marker = { brightbird: 'step.start', mark, at, instance: 'check' };

describe('a line of the runner is a marker', () => {
  test.each<[string, Marker]>([
    ['when the runner starts', { brightbird: 'runner.start', mark, at }],
    ['when it starts again after a step', { brightbird: 'runner.start', mark, at, resumesAfter: 'greeter' }],
    ['when a step starts', start],
    [
      'when a step left a file',
      { brightbird: 'step.file', mark, at, instance: 'check', path: 'a/b', size: 2, part: 0, data: 'AP8=' },
    ],
    [
      'when a step succeeds',
      { brightbird: 'step.end', mark, at, instance: 'check', state: 'success', outputs: { n: [1] } },
    ],
    [
      'when a step fails',
      {
        brightbird: 'step.end',
        mark,
        at,
        instance: 'check',
        state: 'error',
        error: { code: 'step_failed', message: 'no', where: { step: 'check', line: 1 }, hint: 'try' },
      },
    ],
    ['when all is over', { brightbird: 'runner.end', mark, at, state: 'error', failedStep: 'check' }],
  ])('%s', (_, marker) => {
    expect(parseMarker(JSON.stringify(marker), mark)).toEqual(marker);
  });

  test('also when a later runner says more than is known here', () => {
    expect(parseMarker(JSON.stringify({ ...start, later: 1 }), mark)).toEqual(start);
  });
});

describe('a line is an ordinary line', () => {
  const line = JSON.stringify(start);
  test.each([
    ['when it is empty', ''],
    ['when it is plain text', 'listening on 8080'],
    ['when it is other JSON', '{"level":"info","msg":"ready"}'],
    ['when the mark is that of another attempt', line.replace(mark, 'ffffffff')],
    ['when the mark is only the beginning', line.replace(mark, mark.slice(0, 4))],
    ['when it has no mark', JSON.stringify({ ...start, mark: undefined })],
    ['when its JSON is cut off', line.slice(0, -1)],
    ['when something follows', `${line} x`],
    ['when something is before it', ` ${line}`],
    ['when the key is not the first', JSON.stringify({ mark, brightbird: 'step.start', at, instance: 'check' })],
    ['when it is of no known kind', line.replace('step.start', 'step.pause')],
    ['when the kind is what every object has', line.replace('step.start', 'constructor')],
    ['when a field is missing', JSON.stringify({ ...start, instance: undefined })],
    ['when a field has another type', JSON.stringify({ ...start, instance: 7 })],
    ['when a state is none', JSON.stringify({ brightbird: 'step.end', mark, at, instance: 'check', state: 'running' })],
    [
      'when the code of its fault is none',
      JSON.stringify({
        brightbird: 'step.end',
        mark,
        at,
        instance: 'x',
        state: 'error',
        error: { code: 'toString', message: '' },
      }),
    ],
    ['when it is only the beginning of a marker, a million times', '{"brightbird":'.repeat(1_000_000)],
  ])('%s', (_, text) => {
    expect(parseMarker(text, mark)).toBeUndefined();
  });
});

test('a marker has the key brightbird first, as the runner writes it, so that other lines need no parsing', () => {
  const [first] = Object.keys(markerSchema.parse(start));
  expect(first).toBe('brightbird');
});

import { describe, expect, test } from '@jest/globals';
import { type Marker, markerSchema, parseMarker } from '../../src/model/marker.ts';

const mark = 'a1b2c3d4';
const at = '2026-11-23T10:00:00.000Z';
const start: Marker = { brightbird: 'step.start', mark, at, instance: 'check' };

describe('parsing markers', () => {
  test.each<[string, Marker]>([
    ['the start of the runner', { brightbird: 'runner.start', mark, at }],
    ['a restart of the runner after a step', { brightbird: 'runner.start', mark, at, resumesAfter: 'greeter' }],
    ['the start of a step', start],
    [
      'a file of a step',
      { brightbird: 'step.file', mark, at, instance: 'check', path: 'a/b', size: 2, part: 0, data: 'AP8=' },
    ],
    [
      'a successful end of a step',
      { brightbird: 'step.end', mark, at, instance: 'check', state: 'success', outputs: { n: [1] } },
    ],
    [
      'a failed end of a step',
      {
        brightbird: 'step.end',
        mark,
        at,
        instance: 'check',
        state: 'error',
        error: { code: 'step_failed', message: 'no', where: { step: 'check', line: 1 }, hint: 'try' },
      },
    ],
    ['the end of the runner', { brightbird: 'runner.end', mark, at, state: 'error', failedStep: 'check' }],
  ])('parses the marker of %s', (_, marker) => {
    expect(parseMarker(JSON.stringify(marker), mark)).toEqual(marker);
  });

  test('ignores unknown fields of a later runner', () => {
    expect(parseMarker(JSON.stringify({ ...start, later: 1 }), mark)).toEqual(start);
  });
});

describe('ordinary lines', () => {
  const line = JSON.stringify(start);
  test.each([
    ['an empty line', ''],
    ['plain text', 'listening on 8080'],
    ['other JSON', '{"level":"info","msg":"ready"}'],
    ['the mark of another attempt', line.replace(mark, 'ffffffff')],
    ['only the beginning of the mark', line.replace(mark, mark.slice(0, 4))],
    ['no mark', JSON.stringify({ ...start, mark: undefined })],
    ['truncated JSON', line.slice(0, -1)],
    ['trailing text', `${line} x`],
    ['leading text', ` ${line}`],
    ['another first key', JSON.stringify({ mark, brightbird: 'step.start', at, instance: 'check' })],
    ['an unknown kind', line.replace('step.start', 'step.pause')],
    ['a kind that is a property of every object', line.replace('step.start', 'constructor')],
    ['a missing field', JSON.stringify({ ...start, instance: undefined })],
    ['a field of the wrong type', JSON.stringify({ ...start, instance: 7 })],
    ['an invalid state', JSON.stringify({ brightbird: 'step.end', mark, at, instance: 'check', state: 'running' })],
    [
      'an invalid fault code',
      JSON.stringify({
        brightbird: 'step.end',
        mark,
        at,
        instance: 'x',
        state: 'error',
        error: { code: 'toString', message: '' },
      }),
    ],
    ['the beginning of a marker, repeated a million times', '{"brightbird":'.repeat(1_000_000)],
  ])('does not parse a marker from %s', (_, text) => {
    expect(parseMarker(text, mark)).toBeUndefined();
  });
});

test('a marker has the key brightbird first, so that other lines need no parsing', () => {
  const [first] = Object.keys(markerSchema.parse(start));
  expect(first).toBe('brightbird');
});

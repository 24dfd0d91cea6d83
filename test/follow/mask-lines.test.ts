import { describe, expect, test } from '@jest/globals';
import { maskLines } from '../../src/follow/mask-lines.ts';
import { parseMarker } from '../../src/model/marker.ts';
import { createMask } from '../../src/model/mask.ts';

const mark = 'mark-of-this-attempt';
const at = '2026-11-24T10:00:00.000Z';
const mask = maskLines(createMask(['success', '123456', 'step_failed']), mark);
const lineOf = (body: object, by = mark): string => JSON.stringify({ ...body, mark: by, at });

describe('the lines of an attempt, with a secret that is also a word of its markers', () => {
  test('are masked', () => {
    expect(mask('a success')).toBe('a ***');
  });

  test('have markers still, masked in what a step has said', () => {
    const body = { brightbird: 'step.end', instance: 'a', state: 'success', outputs: { n: 123456, said: 'success' } };
    expect(parseMarker(mask(lineOf(body)), mark)).toEqual({
      ...body,
      mark,
      at,
      outputs: { n: '***', said: '***' },
      masked: [['n'], ['said']],
    });
  });

  test('have the error of a step still', () => {
    const error = { code: 'step_failed', message: 'no success' };
    const body = { brightbird: 'step.end', instance: 'a', state: 'error', error };
    const masked = { ...error, message: 'no ***' };
    expect(parseMarker(mask(lineOf(body)), mark)).toMatchObject({ state: 'error', error: masked });
  });

  test('have files as they are, whatever their base64 looks like, but not their names', () => {
    const data = Buffer.from('success').toString('base64');
    const body = { brightbird: 'step.file', instance: 'a', path: 'success.txt', size: 7, part: 0, data };
    expect(parseMarker(mask(lineOf(body)), mark)).toMatchObject({ path: '***.txt', data });
  });

  test('are masked wholly where they only look like markers of the attempt', () => {
    const line = lineOf({ brightbird: 'step.end', instance: 'a', state: 'success' }, 'another');
    expect(mask(line)).not.toContain('success');
  });
});

import { describe, expect, test } from '@jest/globals';
import { createMask, maskJson } from '../../src/model/mask.ts';

describe('a mask', () => {
  const mask = createMask(['s3cret/with "quotes"', 'first line\nsecond line\n']);

  test.each([
    ['a secret', 'token s3cret/with "quotes"!', 'token ***!'],
    ['every occurrence of a secret', 's3cret/with "quotes" s3cret/with "quotes"', '*** ***'],
    ['a secret inside JSON', JSON.stringify({ a: 's3cret/with "quotes"' }), '{"a":"***"}'],
    ['a secret inside a URL', `http://x/?t=${encodeURIComponent('s3cret/with "quotes"')}&b=1`, 'http://x/?t=***&b=1'],
    ['the base64 of a secret', Buffer.from('s3cret/with "quotes"').toString('base64'), '***'],
    ['a line of a secret with several lines', 'x second line y', 'x *** y'],
  ])('hides %s', (_, text, masked) => {
    expect(mask(text)).toBe(masked);
  });

  test('hides the longer of two secrets with the same beginning', () => {
    expect(createMask(['token', 'token-of-more'])('token-of-more')).toBe('***');
  });

  test('treats special characters of a secret literally', () => {
    expect(createMask(['a.*b[c]'])('a.*b[c] axxb[c]')).toBe('*** axxb[c]');
  });

  test('keeps very short lines of a secret, and everything without secrets', () => {
    expect(createMask(['{\nsecret-part\n}'])('{ secret-part }')).toBe('{ *** }');
    expect(createMask([])('any text')).toBe('any text');
  });
});

describe('masking JSON', () => {
  const mask = createMask(['123456', 'sesame']);

  test('masks strings, numbers and keys at any depth, and reports the paths of masked values', () => {
    const hidden: string[][] = [];
    const value = { n: 123456, list: [{ text: 'open sesame' }, 7], sesame: 1, ok: true, none: null };
    expect(maskJson(value, mask, (path) => hidden.push(path))).toEqual({
      n: '***',
      list: [{ text: 'open ***' }, 7],
      '***': 1,
      ok: true,
      none: null,
    });
    expect(hidden).toEqual([['n'], ['list', '0', 'text']]);
  });
});

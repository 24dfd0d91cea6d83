import { describe, expect, test } from '@jest/globals';
import { createMask, maskJson } from '../../src/model/mask.ts';

describe('a mask', () => {
  const mask = createMask(['s3cret/with "quotes"', 'first line\nsecond line\n']);

  test.each([
    ['a secret', 'token s3cret/with "quotes"!', 'token ***!'],
    ['each time it comes', 's3cret/with "quotes" s3cret/with "quotes"', '*** ***'],
    ['it inside JSON', JSON.stringify({ a: 's3cret/with "quotes"' }), '{"a":"***"}'],
    ['it inside a URL', `http://x/?t=${encodeURIComponent('s3cret/with "quotes"')}&b=1`, 'http://x/?t=***&b=1'],
    ['its base64', Buffer.from('s3cret/with "quotes"').toString('base64'), '***'],
    ['one line of one with several', 'x second line y', 'x *** y'],
  ])('hides %s', (_, text, masked) => {
    expect(mask(text)).toBe(masked);
  });

  test('hides the longer of two when one begins like the other', () => {
    expect(createMask(['token', 'token-of-more'])('token-of-more')).toBe('***');
  });

  test('takes every character of a secret as it is', () => {
    expect(createMask(['a.*b[c]'])('a.*b[c] axxb[c]')).toBe('*** axxb[c]');
  });

  test('leaves lines alone that are too short to be told from others, and everything when there are no secrets', () => {
    expect(createMask(['{\nsecret-part\n}'])('{ secret-part }')).toBe('{ *** }');
    expect(createMask([])('any text')).toBe('any text');
  });
});

describe('a value of JSON', () => {
  const mask = createMask(['123456', 'sesame']);

  test('is masked in texts, numbers and keys, however deep, and says where its values were', () => {
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

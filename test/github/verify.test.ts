import { describe, expect, test } from '@jest/globals';
import { readPayload } from '../../src/github/read-payload.ts';
import { verify } from '../../src/github/verify.ts';
import { examples, merged, sign } from './examples.ts';

const secret = 'a secret of this test';
const body = JSON.stringify(merged().payload);

describe('a signature', () => {
  test('that GitHub documents as an example is taken', async () => {
    // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
    const documented = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
    expect(await verify(["It's a Secret to Everybody"], 'Hello, World!', documented)).toBe(true);
  });

  test('is taken for every payload that GitHub recorded', async () => {
    for (const { payload } of examples()) {
      const text = JSON.stringify(payload, null, 1);
      expect(await verify([secret], text, sign(text, secret))).toBe(true);
    }
  });

  test('is taken by any of several secrets, so that they can be rotated', async () => {
    expect(await verify(['new', secret], body, sign(body, secret))).toBe(true);
    expect(await verify([secret, 'old'], body, sign(body, secret))).toBe(true);
  });

  test.each([
    ['of another secret', body, sign(body, 'another')],
    ['of a text that was changed by one character', body.replace('master', 'mastre'), sign(body, secret)],
    ['of a text that was cut off', body.slice(0, -1), sign(body, secret)],
    ['that was cut off', body, sign(body, secret).slice(0, -1)],
    ['of the older kind, SHA-1', body, `sha1=${'a'.repeat(40)}`],
    ['that is empty', body, ''],
    ['of nothing', '', sign('', secret)],
  ])('%s is refused', async (_what, text, signature) => {
    expect(await verify([secret], text, signature)).toBe(false);
  });

  test('is refused while no secret is set', async () => {
    expect(await verify([], body, sign(body, ''))).toBe(false);
  });
});

describe('a payload', () => {
  test('is the body, or a field of the form', () => {
    expect(readPayload('{"a": "ä"}', 'application/json')).toEqual({ a: 'ä' });
    const form = new URLSearchParams({ payload: '{"a": "ä & b"}' }).toString();
    expect(readPayload(form, 'application/x-www-form-urlencoded')).toEqual({ a: 'ä & b' });
  });

  test.each([
    ['application/json', '{"a": ', /not JSON/],
    ['application/json', '["secret"]', /not a JSON object/],
    ['application/x-www-form-urlencoded', 'a=secret', /no field payload/],
    ['application/x-www-form-urlencoded', 'payload=secret', /not JSON/],
  ] as const)('in %s that is %s is refused without repeating it', (type, text, message) => {
    const read = () => readPayload(text, type);
    expect(read).toThrow(expect.objectContaining({ code: 'invalid_request', message: expect.stringMatching(message) }));
    expect(read).not.toThrow(/secret/);
  });
});

import { describe, expect, test } from '@jest/globals';
import { readPayload } from '../../../src/adapters/github/read-payload.ts';
import { createVerifier } from '../../../src/adapters/github/verify-signature.ts';
import { examples, merged, sign } from '../../support/adapters/github/examples.ts';

const secret = 'a secret of this test';
/** Passes the body in parts, as from a network. */
function verify(secrets: readonly string[], text: string | Uint8Array, signature: string): boolean {
  const verifier = createVerifier(secrets, signature);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 1000) verifier.update(bytes.subarray(at, at + 1000));
  return verifier.verified();
}
const body = JSON.stringify(merged().payload);

describe('the signature of a delivery', () => {
  test('accepts the example in the GitHub documentation', () => {
    // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
    const documented = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
    expect(verify(["It's a Secret to Everybody"], 'Hello, World!', documented)).toBe(true);
  });

  test('accepts the signature of every recorded payload of GitHub', () => {
    for (const { payload } of examples()) {
      const text = JSON.stringify(payload, null, 1);
      expect(verify([secret], text, sign(text, secret))).toBe(true);
    }
  });

  test('accepts a signature with any of several secrets, so that they can be rotated', () => {
    expect(verify(['new', secret], body, sign(body, secret))).toBe(true);
    expect(verify([secret, 'old'], body, sign(body, secret))).toBe(true);
  });

  test.each([
    ['of another secret', body, sign(body, 'another')],
    ['the signature of a text with one changed character', body.replace('master', 'mastre'), sign(body, secret)],
    ['the signature of a truncated text', body.slice(0, -1), sign(body, secret)],
    ['that was cut off', body, sign(body, secret).slice(0, -1)],
    ['of the older kind, SHA-1', body, `sha1=${'a'.repeat(40)}`],
    ['that is empty', body, ''],
    ['of nothing', '', sign('', secret)],
  ])('rejects %s', (_what, text, signature) => {
    expect(verify([secret], text, signature)).toBe(false);
  });

  test.each([
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0xc3, 0x28, 0x7d])],
    ['a byte order mark', Buffer.from('\ufeff{}')],
    ['line ends of Windows', Buffer.from('{\r\n}')],
  ])('signs the raw bytes of the body: %s', (_what, bytes) => {
    expect(verify([secret], bytes, sign(bytes, secret))).toBe(true);
    expect(verify([secret], new TextDecoder().decode(bytes).replaceAll('\r', ''), sign(bytes, secret))).toBe(false);
  });

  test('rejects every signature when no secret is set', () => {
    expect(verify([], body, sign(body, ''))).toBe(false);
  });
});

describe('the payload of a delivery', () => {
  test('reads the payload from the body or from a field of the form', () => {
    expect(readPayload(Buffer.from('{"a": "ä"}'), 'application/json')).toEqual({ a: 'ä' });
    const form = new URLSearchParams({ payload: '{"a": "ä & b"}' }).toString();
    expect(readPayload(Buffer.from(form), 'application/x-www-form-urlencoded')).toEqual({ a: 'ä & b' });
  });

  test('accepts a byte order mark and replaces invalid UTF-8 by U+FFFD', () => {
    expect(readPayload(Buffer.from('\ufeff{"a": 1}'), 'application/json')).toEqual({ a: 1 });
    const bytes = Buffer.concat([Buffer.from('{"a": "'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(readPayload(bytes, 'application/json')).toEqual({ a: '\ufffd' });
  });

  test.each([
    ['application/json', '{"a": ', /not JSON/],
    ['application/json', '["secret"]', /not a JSON object/],
    ['application/x-www-form-urlencoded', 'a=secret', /no field payload/],
    ['application/x-www-form-urlencoded', 'payload=secret', /not JSON/],
  ] as const)('rejects a payload in %s that is %s without repeating it', (type, text, message) => {
    const read = () => readPayload(Buffer.from(text), type);
    expect(read).toThrow(expect.objectContaining({ code: 'invalid_request', message: expect.stringMatching(message) }));
    expect(read).not.toThrow(/secret/);
  });
});

import { describe, expect, test } from '@jest/globals';
import { MongoNetworkError, MongoServerError } from 'mongodb';
import { PendingCalls } from '../../../src/adapters/mongodb/calls.ts';
import { isUnreachable } from '../../../src/adapters/mongodb/failures.ts';

const serverError = (code: number) => new MongoServerError({ message: 'refused', code });
const socketReset = Object.assign(new Error('write ECONNRESET'), { code: 'ECONNRESET', syscall: 'write' });
const socketEnded = Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' });

test.each([
  ['a connection that broke', new MongoNetworkError('connection closed'), true],
  ['a socket that its server has closed', socketEnded, true],
  ['a socket that its server has reset', socketReset, true],
  ['a server that stops', serverError(91), true],
  ['a server that is no longer the primary', serverError(10107), true],
  ['a duplicate id', serverError(11000), false],
  ['a wrong password', serverError(18), false],
  ['a programming error', new TypeError('x is not a function'), false],
  ['undefined', undefined, false],
])('classifies the error of %s as unreachable or not', (_title, error, expected) => {
  expect(isUnreachable(error)).toBe(expected);
});

describe('PendingCalls', () => {
  const never = new Promise<never>(() => undefined);

  test('throws unavailable without an address when MongoDB is unreachable, and other errors unchanged', async () => {
    const calls = new PendingCalls();
    const failing = (error: Error) => calls.run(() => Promise.reject(error));
    await expect(failing(new MongoNetworkError('connection to 10.0.0.1 closed'))).rejects.toMatchObject({
      code: 'unavailable',
      message: 'MongoDB does not answer',
      cause: expect.any(MongoNetworkError),
    });
    await expect(failing(new TypeError('x is not a function'))).rejects.toThrow(TypeError);
    expect(await calls.run(async () => 'a')).toBe('a');
    calls.close();
  });

  test('ends a call when its connection is replaced and when it times out', async () => {
    const calls = new PendingCalls(50);
    await expect(calls.run(() => never)).rejects.toMatchObject({ code: 'unavailable' });
    const pending = calls.run(() => never);
    calls.endAll(new Error('replaced'));
    await expect(pending).rejects.toMatchObject({ code: 'unavailable', cause: { message: 'replaced' } });
    calls.close();
  });
});

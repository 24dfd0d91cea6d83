import { describe, expect, test } from '@jest/globals';
import { MongoNetworkError, MongoServerError } from 'mongodb';
import { Calls } from '../../../src/adapters/mongodb/calls.ts';
import { isUnreachable } from '../../../src/adapters/mongodb/failures.ts';

const serverError = (code: number) => new MongoServerError({ message: 'refused', code });
const socketEnded = Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' });

test.each([
  ['a connection that broke', new MongoNetworkError('connection closed'), true],
  ['a socket that its server has ended, which the driver passes on as it is', socketEnded, true],
  ['a server that stops', serverError(91), true],
  ['a server that is not the primary any more', serverError(10107), true],
  ['an id that is there already', serverError(11000), false],
  ['a password that is wrong', serverError(18), false],
  ['a mistake of ours', new TypeError('x is not a function'), false],
  ['nothing', undefined, false],
])('%s: whether MongoDB cannot be reached is told', (_what, error, expected) => {
  expect(isUnreachable(error)).toBe(expected);
});

describe('a call of a repository', () => {
  const never = new Promise<never>(() => undefined);

  test('tells that MongoDB cannot be reached as the fault unavailable, which names no address, and anything else as it is', async () => {
    const calls = new Calls();
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

  test('ends when its connection is given up, and when it was not answered for too long', async () => {
    const calls = new Calls(50);
    await expect(calls.run(() => never)).rejects.toMatchObject({ code: 'unavailable' });
    const given = calls.run(() => never);
    calls.endAll(new Error('replaced'));
    await expect(given).rejects.toMatchObject({ code: 'unavailable', cause: { message: 'replaced' } });
    calls.close();
  });
});

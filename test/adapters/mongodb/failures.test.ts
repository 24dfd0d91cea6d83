import { expect, test } from '@jest/globals';
import { MongoNetworkError, MongoServerError } from 'mongodb';
import { isUnreachable } from '../../../src/adapters/mongodb/failures.ts';
import { tellUnavailable } from '../../../src/adapters/mongodb/tell-unavailable.ts';

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

test('a repository tells that MongoDB cannot be reached as the fault unavailable, whose message names no address, and anything else as it is', async () => {
  const repository = tellUnavailable({
    failures: [new MongoNetworkError('connection to 10.0.0.1 closed'), new TypeError('x is not a function')],
    async get(this: { failures: Error[] }, id: string) {
      const failure = this.failures.shift();
      if (failure) throw failure;
      return id;
    },
  });
  await expect(repository.get('a')).rejects.toMatchObject({
    code: 'unavailable',
    message: 'MongoDB does not answer',
    cause: expect.any(MongoNetworkError),
  });
  await expect(repository.get('a')).rejects.toThrow(TypeError);
  expect(await repository.get('a')).toBe('a');
});

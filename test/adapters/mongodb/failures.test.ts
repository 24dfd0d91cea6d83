import { expect, test } from '@jest/globals';
import { MongoNetworkError, MongoServerError } from 'mongodb';
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

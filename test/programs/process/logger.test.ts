import { hostname } from 'node:os';
import { expect, test } from '@jest/globals';
import { Fault } from '../../../src/model/fault.ts';
import { createLogger } from '../../../src/programs/process/logger.ts';

test('the logger writes pid and hostname, and serializes an error in any field with message and stack', () => {
  const lines: string[] = [];
  const log = createLogger({ LOG_LEVEL: 'info' }, { write: (line) => void lines.push(line) });
  const cause = new Error('the cause');
  log.warn({ err: new Fault('unavailable', 'away', { cause }), error: new TypeError('odd'), task: 'a-1' }, 'it failed');
  log.error(new Error('alone'));
  const [line, alone] = lines.map((text) => JSON.parse(text));
  expect(line).toMatchObject({
    ...{ pid: process.pid, hostname: hostname(), level: 40, msg: 'it failed', task: 'a-1' },
    err: {
      type: 'Fault',
      code: 'unavailable',
      message: 'away: the cause',
      stack: expect.stringContaining('logger.test'),
    },
    error: { type: 'TypeError', message: 'odd', stack: expect.any(String) },
  });
  expect(alone).toMatchObject({ msg: 'alone', err: { type: 'Error', message: 'alone' } });
});

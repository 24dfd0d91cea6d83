import { expect, test } from '@jest/globals';
import { bash, step, Work } from '../support/runner/harness.ts';

const globals = { logLevel: 'DEBUG', netType: '2k', peers: 3, debug: false };

test('test-env returns the globals of the run with their types', async () => {
  const steps = [step('env', 'test-env', { required: ['netType', 'debug'] }), bash('after', 'echo {{env.peers}}')];
  await using work = await Work.create(steps, { globals });
  const run = await work.run();
  expect(run.end('env')).toMatchObject({ state: 'success', outputs: globals });
  expect(run.printed).toContain('3');
});

test('test-env fails with the names of the missing and the available globals', async () => {
  await using work = await Work.create([step('env', 'test-env', { required: ['netType', 'miner', 'wallet'] })], {
    globals,
  });
  const run = await work.run();
  expect(run.end('env')?.error).toMatchObject({
    code: 'step_failed',
    message: 'missing globals: miner, wallet',
    where: { path: 'input.required', step: 'env' },
    hint: expect.stringMatching(/logLevel, netType, peers, debug/),
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';

test('a program ends by itself when its warmed-up check thread was never used', async () => {
  const entry = new URL('../../../src/services/checks/run-check.ts', import.meta.url).href;
  const program = `const { warmUpChecks } = await import(${JSON.stringify(entry)}); warmUpChecks(); setTimeout(() => {}, 2000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  try {
    expect(await once(child, 'exit')).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
  }
});

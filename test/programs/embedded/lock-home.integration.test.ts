import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { lockHome } from '../../../src/programs/embedded/lock-home.ts';

const file = new URL('../../../src/programs/embedded/lock-home.ts', import.meta.url).href;
const holdForEver = `
  const { lockHome } = await import(${JSON.stringify(file)});
  await lockHome(process.argv[1]);
  console.log('locked');
  setInterval(() => undefined, 60_000);
`;

test('lockHome rejects a second program on the same data directory until the first has ended, even by a kill', async () => {
  const home = await mkdtemp(join(tmpdir(), 'brightbird-lock-'));
  const first = spawn(process.execPath, ['--input-type=module', '-e', holdForEver, home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(first.stdout, 'data');
  await expect(lockHome(home)).rejects.toMatchObject({
    code: 'conflict',
    message: `another BrightBird uses the data directory ${home}`,
    hint: expect.stringContaining('BRIGHTBIRD_HOME'),
  });
  first.kill('SIGKILL');
  await once(first, 'exit');
  const unlock = await lockHome(home);
  await expect(lockHome(home)).rejects.toMatchObject({ code: 'conflict' });
  unlock();
  (await lockHome(home))();
  await rm(home, { recursive: true });
});

import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'brightbird-cli-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** Runs a program of the product with these settings only, to its end. `left` is what it made: data, locks, logs. */
async function run(program: string, settings: Record<string, string>, args: string[] = []) {
  const child = spawn(process.execPath, [join(root, 'src/cli', program), ...args], {
    env: { PATH: process.env.PATH, HOME: home, BRIGHTBIRD_HOME: join(home, 'data'), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 50_000,
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { stdout, stderr, code, left: await readdir(home) };
}
const refused = (stderr: string) => ({ code: 1, stdout: '', stderr: `${stderr}\n`, left: [] });

/** Addresses that a program which does not refuse would have to try. */
const servers = { TEMPORAL_ADDRESS: '127.0.0.1:1', MONGODB_URI: 'mongodb://127.0.0.1:1/x' };

describe('a program that cannot be run so says why in a sentence, exits with 1 and has started nothing', () => {
  test('start.ts: the API would be open to the network for everybody', async () => {
    const sentence =
      'HOST=0.0.0.0 opens the API to the network, and nobody would have to prove who they are.\n' +
      '  Set BRIGHTBIRD_ADMIN_TOKEN (at least 16 characters), or listen on 127.0.0.1 only.';
    expect(await run('start.ts', { HOST: '0.0.0.0' })).toEqual(refused(sentence));
  });

  test('start.ts: every setting that is wrong, at once', async () => {
    const ended = await run('start.ts', { PORT: 'http', LOG_LEVEL: 'loud' });
    expect(ended).toEqual({ ...refused(''), stderr: expect.any(String) });
    expect(ended.stderr).toMatch(/^These settings cannot be used:\n {2}PORT: .+\n {2}LOG_LEVEL: .+\n$/);
  });

  test.each<[string, Record<string, string>, string]>([
    ['server.ts', {}, 'TEMPORAL_ADDRESS and MONGODB_URI'],
    ['server.ts', { TEMPORAL_ADDRESS: servers.TEMPORAL_ADDRESS }, 'MONGODB_URI'],
    ['server.ts', { MONGODB_URI: servers.MONGODB_URI, TEMPORAL_ADDRESS: '' }, 'TEMPORAL_ADDRESS'],
    ['worker.ts', {}, 'TEMPORAL_ADDRESS and MONGODB_URI'],
  ])('%s with %j: an address is missing', async (program, settings, names) => {
    const sentence = `This program needs ${names}; \`npm start\` brings servers of its own.`;
    expect(await run(program, settings)).toEqual(refused(sentence));
  });

  test.each(['server.ts', 'worker.ts'])(
    '%s: its servers do not answer',
    async (program) => {
      const { code, stderr } = await run(program, servers);
      expect([code, stderr]).toEqual([1, expect.stringContaining('MongoDB does not answer')]);
    },
    60_000,
  );

  test.each([
    [['--queues', 'nonsense'], '--queues: there is no queue "nonsense", only control, build, runner, cleanup'],
    [['--queues', 'control,,build'], '--queues: there is no queue "", only control, build, runner, cleanup'],
    [['--queues', 'toString'], '--queues: there is no queue "toString", only control, build, runner, cleanup'],
    [['--queues'], "Option '--queues <value>' argument missing"],
    [['--queue', 'control'], "Unknown option '--queue'"],
    [['control'], "Unexpected argument 'control'. This command does not take positional arguments"],
  ])('worker.ts with %j', async (args, sentence) => {
    expect(await run('worker.ts', servers, args)).toEqual(refused(sentence));
  });
});

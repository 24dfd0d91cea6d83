import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { defaultRestartLimits } from '../../../src/programs/embedded/restart-budget.ts';
import { Stage } from '../../../src/programs/embedded/stage.ts';
import { type ServerProgram, startServer } from '../../../src/programs/embedded/start-server.ts';
import { type SupervisedServer, superviseServer } from '../../../src/programs/embedded/supervise-server.ts';
import { processesOf, temporaryHome, until } from '../../support/programs/embedded/holder.ts';

/** A server that sends its process id to every client, and prints it; with `<folder>/broken` it does not start. */
const source = `
const folder = process.argv[1];
console.log('process ' + process.pid);
if (require('node:fs').existsSync(folder + '/broken')) { console.log('it is broken'); process.exit(3); }
require('node:http').createServer((_, response) => response.end(String(process.pid))).listen(Number(process.argv[2]), '127.0.0.1');
`;

let home: Awaited<ReturnType<typeof temporaryHome>>;
let lines: string[];
let supervised: SupervisedServer | undefined;

beforeEach(async () => {
  home = await temporaryHome();
  lines = [];
  supervised = undefined;
});

afterEach(async () => {
  await supervised?.stop();
  await home.remove();
});

async function start(more: { maxSilenceMs?: number } = {}) {
  const program: ServerProgram = {
    ...{ title: 'the server', folder: home.home, name: 'server' },
    command: (port) => [process.execPath, '-e', source, home.home, String(port)],
  };
  const report = (line: string) => lines.push(line);
  const started = await startServer(program, new Stage('server', report));
  if (!started) throw new Error('the server did not start');
  const ask = async (timeoutMs: number): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${started.port}`, { signal: AbortSignal.timeout(timeoutMs) });
    return Number(await answer.text());
  };
  const { maxSilenceMs = 600_000 } = more;
  supervised = superviseServer(started, {
    ...{ name: 'Server', stage: 'server', program, report },
    probe: async (timeoutMs) => void (await ask(timeoutMs)),
    limits: { ...defaultRestartLimits, firstPauseMs: 1, maxPauseMs: 1 },
    health: { everyMs: 500, maxSilenceMs },
  });
  const answers = () => ask(1000).catch(() => undefined);
  const answersAgain = (than: number | undefined) =>
    until(async () => ![undefined, than].includes(await answers())).then(answers);
  return { answers, answersAgain, log: started.log };
}

test.each<NodeJS.Signals>(['SIGKILL', 'SIGTERM'])(
  'superviseServer restarts a server that ends by %s on the same port, and reports its log',
  async (signal) => {
    const { answers, answersAgain, log } = await start();
    const first = await answers();
    process.kill(first ?? 0, signal);
    const second = await answersAgain(first);
    await until(async () => lines.some((line) => line.includes('restarted on')));
    expect(lines.at(-1)).toContain(`its log is ${log}`);
    expect(await readFile(log, 'utf8')).toMatch(new RegExp(`process ${first}\\n[^]*process ${second}\\n`));
  },
);

test('superviseServer kills and restarts a server whose guard was killed', async () => {
  const { answers, answersAgain } = await start();
  const first = await answers();
  const guards = (await processesOf(home.home)).filter((pid) => pid !== first);
  for (const pid of guards) process.kill(pid, 'SIGKILL');
  const second = await answersAgain(first);
  expect(await processesOf(home.home)).not.toContain(first);
  expect(await processesOf(home.home)).toContain(second);
});

test('superviseServer kills and restarts a hanging server after the maximum silence', async () => {
  const { answers, answersAgain } = await start({ maxSilenceMs: 2000 });
  const first = await answers();
  process.kill(first ?? 0, 'SIGSTOP');
  await answersAgain(first);
  await until(async () => lines.some((line) => line.includes('restarted on')));
  expect(lines.at(-1)).toContain('did not respond for 2 s and was killed');
});

test('superviseServer fails with the reason after too many exits, and the log keeps the output of every start', async () => {
  const { answers, answersAgain, log } = await start();
  let pid = await answers();
  for (let round = 0; round < defaultRestartLimits.maxExits; round++) {
    process.kill(pid ?? 0, 'SIGKILL');
    pid = await answersAgain(pid);
  }
  process.kill(pid ?? 0, 'SIGKILL');
  await expect(supervised?.failed).rejects.toMatchObject({
    code: 'unavailable',
    message: 'the embedded Server exited 6 times within 300 s: the server exited unexpectedly (exit 137)',
    hint: expect.stringContaining(log),
  });
  expect((await readFile(log, 'utf8')).match(/^process /gm)).toHaveLength(6);
  expect(await processesOf(home.home)).toEqual([]);
});

test('superviseServer counts a failed restart as an exit, and reports the output', async () => {
  const { answers } = await start();
  await writeFile(join(home.home, 'broken'), '');
  process.kill((await answers()) ?? 0, 'SIGKILL');
  await expect(supervised?.failed).rejects.toMatchObject({ message: expect.stringContaining('did not restart') });
  expect(lines.filter((line) => line.includes('it is broken'))).toHaveLength(5);
});

test('a stop during a restart leaves no server running', async () => {
  const { answers } = await start();
  process.kill((await answers()) ?? 0, 'SIGKILL');
  await supervised?.stop();
  expect(await processesOf(home.home)).toEqual([]);
});

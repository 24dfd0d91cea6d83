import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';

const entry = new URL('../../../../src/programs/process/event-loop/watch-event-loop.ts', import.meta.url).href;

/** Runs a program that starts `watch`. Returns its log lines when it has ended. */
async function logged(body: string): Promise<{ blockedMs: number; stack: string[]; msg: string }[]> {
  const program = `
    import { pino } from 'pino';
    const { watchEventLoop } = await import(${JSON.stringify(entry)});
    let heard = false;
    const write = (line) => {
      heard ||= line.includes('countSlowly');
      process.stdout.write(line);
    };
    const log = pino({}, { write });
    const stop = watchEventLoop(log, 200);
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    ${body}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  return lines.map((line) => JSON.parse(line));
}

test('the event loop watchdog logs the blocking function, and the program continues and ends', async () => {
  const lines = await logged(`
    function countSlowly() { for (const end = Date.now() + 1500; Date.now() < end; ) Math.random(); }
    while (!heard) {
      await pause(200);
      countSlowly();
      await pause(200);
    }
    log.info('went on');`);
  const [blockage, goneOn] = lines.slice(-2);
  expect([blockage?.msg, goneOn?.msg]).toEqual(['the event loop was blocked', 'went on']);
  expect(blockage?.blockedMs).toBeGreaterThanOrEqual(200);
  expect(blockage?.stack.join('\n')).toMatch(/^countSlowly file:\S+:\d+$/m);
});

test('the event loop watchdog logs nothing while the loop runs or after it is stopped', async () => {
  const lines = await logged(`
    await pause(500);
    await stop();
    for (const end = Date.now() + 600; Date.now() < end; ) Math.random();
    await pause(300);`);
  expect(lines).toEqual([]);
});

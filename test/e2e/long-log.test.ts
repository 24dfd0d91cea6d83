import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { allLines, runFlow } from '../support/e2e/client.ts';
import { createSystem, settled, type TestSystem } from '../support/e2e/system.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await createSystem();
  await system.startServer();
});
afterAll(() => system.close());

const lines = 200_000;
const graph = `name: long-log
pipeline:
  print:
    plugin: bash
    input: {script: "seq 1 ${lines} | sed 's/.*/line & of a log that is long enough to matter to someone/'"}
`;

/** Returns the peak memory of a process in MB: VmHWM of proc(5). */
async function peakMemory(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

test('all 200,000 lines of a runner are stored in order, and the worker stays under 400 MB', async () => {
  const worker = await system.startWorker();
  const taskId = await runFlow(system.api, graph);
  const task = await settled(system.api, taskId);
  expect({ state: task.state, error: task.error }).toEqual({ state: 'success', error: undefined });
  const found = await allLines(system.api, taskId, { step: 'print' });
  expect(found).toHaveLength(lines);
  const wrong = found.findIndex(({ text }, index) => !text.startsWith(`line ${index + 1} of`));
  expect(wrong).toBe(-1);
  expect(await peakMemory(worker.process.pid)).toBeLessThan(400);
});

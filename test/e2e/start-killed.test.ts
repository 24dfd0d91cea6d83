import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ApiClient } from '../../src/programs/cli/api-client.ts';
import { allLines, runFlow } from '../support/e2e/client.ts';
import { settled, startProgram, until } from '../support/e2e/system.ts';

const graph = `name: survives
pipeline:
  count:
    plugin: bash
    input: {script: "i=0; while [ $i -lt 1000 ]; do i=$((i+1)); echo line $i; sleep 0.01; done"}
`;

const apiOf = (output: string[]): ApiClient => {
  const address = output.map((line) => /API +(http\S+)/.exec(line)?.[1]).find(Boolean);
  return new ApiClient(address ?? '', undefined);
};

test('npm start finishes a run after it was killed with SIGKILL during the run and restarted', async () => {
  const home = await mkdtemp(join(tmpdir(), 'brightbird-start-'));
  const env = {
    BRIGHTBIRD_HOME: home,
    PORT: '0',
    ...(process.env.XDG_CACHE_HOME && { XDG_CACHE_HOME: process.env.XDG_CACHE_HOME }),
  };
  const ready = /BrightBird is ready/;
  const first = await startProgram('start', env, ready);
  let last = first;
  try {
    const before = apiOf(first.output);
    const taskId = await runFlow(before, graph);
    await until(async () => (await allLines(before, taskId, { step: 'count' }).catch(() => [])).length > 50);
    await first.kill('SIGKILL');
    last = await startProgram('start', env, ready);
    const after = apiOf(last.output);
    const task = await settled(after, taskId);
    expect({ state: task.state, error: task.error, attempt: task.attempt }).toEqual({ state: 'success', attempt: 1 });
    const text = (await allLines(after, taskId, { step: 'count' })).map((line) => line.text);
    expect(text).toEqual(Array.from({ length: 1000 }, (_, index) => `line ${index + 1}`));
  } finally {
    await last.kill('SIGTERM');
    await rm(home, { recursive: true, force: true });
  }
});

import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Runtime } from '../../model/engine/runtime.ts';
import { finalStates } from '../../model/task-state.ts';
import type { ApiClient } from '../cli/api-client.ts';
import type { ApiTask } from './api-task.ts';
import { leftOvers } from './left-overs.ts';
import { makeRepository } from './make-repository.ts';
import type { Progress } from './progress.ts';
import { type DemoRun, demoRuns, plugin, smokeFlow, soakFlow } from './runs.ts';
import { progressLine, type Row, table } from './show.ts';

/** Milliseconds between two looks at a task. A client of the API may poll; only what the server does must be durable. */
const look = 150;

/** Puts the example's deploy plugin into the demo's plugin store, with the demo's own repository as its source. */
export async function prepareDemo({ examples, home }: { examples: string; home: string }, store: string) {
  const repository = await makeRepository(join(examples, 'greeter'), join(home, 'greeter'));
  const source = join(examples, 'plugins', plugin);
  const target = join(store, plugin);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await cp(source, target, { recursive: true });
  const file = join(target, 'plugin.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/^repo:.*$/m, `repo: ${JSON.stringify(`file://${repository.path}`)}`));
  return repository;
}

/** Makes the four runs through the HTTP API. True when each ended as it should and nothing was left. */
export async function runDemo(api: ApiClient, runtime: Pick<Runtime, 'objects'>, progress: Progress): Promise<boolean> {
  const stamp = new Date().toISOString().replace(/[-:]/g, '').slice(0, 15);
  const jobs = {
    smoke: await saveJob(api, 'greeter', smokeFlow, stamp),
    soak: await saveJob(api, 'greeter-soak', soakFlow, stamp),
  };
  const rows: Row[] = [];
  let asExpected = true;
  for (const run of demoRuns) {
    progress.print(`\n${run.title}`);
    const task = await runOnce(api, jobs[run.flow], run, progress);
    progress.end();
    const good = task.state === run.expect.state && task.outcome === run.expect.outcome;
    asExpected &&= good;
    progress.print(`  ${good ? 'as expected' : 'NOT as expected'}: ${verdict(task)}`);
    rows.push({ task, logLines: await countLines(api, task.id) });
  }
  progress.print(`\n${table(rows)}\n`);
  const left = await leftOvers(
    runtime,
    rows.map(({ task }) => task.testId),
  );
  const nothing = 'left of the four runs: nothing';
  progress.print(left.length === 0 ? nothing : `LEFT: ${left.join(', ')}`);
  const again = rows[1]?.task.components[0];
  const reused = again !== undefined && !again.built;
  if (!reused) progress.print('the second run built its image again');
  return asExpected && left.length === 0 && reused;
}

async function saveJob(api: ApiClient, name: string, graph: string, stamp: string): Promise<string> {
  const flow = await api.post<{ id: string }>('/testflows', { name: `${name}-flow-${stamp}`, graph });
  const job = await api.post<{ id: string }>('/jobs', { name: `${name}-${stamp}`, testFlowId: flow.id });
  return job.id;
}

async function runOnce(api: ApiClient, jobId: string, run: DemoRun, progress: Progress): Promise<ApiTask> {
  const { taskId } = await api.post<{ taskId: string }>(`/jobs/${jobId}/run`, { versions: { [plugin]: run.version } });
  let stopped = false;
  for (;;) {
    // The record follows its workflow, so a task that was just accepted may not be on record yet.
    const task = await api.get<ApiTask>(`/tasks/${taskId}`).catch(() => undefined);
    if (task) {
      progress.status(progressLine(task));
      if (finalStates.includes(task.state)) return task;
      if (!stopped && task.steps.some((step) => step.instance === run.stopAt && step.state === 'running')) {
        stopped = true;
        progress.print('  stopping it while it runs');
        await api.post(`/tasks/${taskId}/stop`, { reason: 'the demo stops this run in its middle' });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, look));
  }
}

function verdict(task: ApiTask): string {
  const step = task.error?.where?.step;
  const detail = task.error ? `: ${step ? `step ${step}: ` : ''}${task.error.message}` : '';
  return `${task.state}${task.outcome ? ` (${task.outcome})` : ''}${detail}`;
}

async function countLines(api: ApiClient, taskId: string): Promise<number> {
  let lines = 0;
  let after = '';
  for (;;) {
    const page = await api.get<{ items: unknown[]; nextCursor: string }>(
      `/tasks/${taskId}/logs?limit=1000${after && `&after=${encodeURIComponent(after)}`}`,
    );
    lines += page.items.length;
    if (page.items.length === 0) return lines;
    after = page.nextCursor;
  }
}

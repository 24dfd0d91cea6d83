import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Runtime } from '../../model/engine/runtime.ts';
import { finalStates } from '../../model/task-state.ts';
import type { ApiClient } from '../cli/api-client.ts';
import type { ApiTask } from './api-task.ts';
import { listLeftovers } from './leftovers.ts';
import { createDemoRepository } from './make-repository.ts';
import type { Progress } from './progress.ts';
import { type DemoRun, demoRuns, plugin, smokeFlow, soakFlow } from './runs.ts';
import { formatProgress, formatTable, type Row } from './show.ts';

const pollIntervalMs = 150;

/** Copies the example deploy plugin into the plugin store, with the demo's repository as its source. */
export async function prepareDemo({ examples, home }: { examples: string; home: string }, store: string) {
  const repository = await createDemoRepository(join(examples, 'greeter'), join(home, 'greeter'));
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

/** Makes the four runs through the HTTP API. Returns true when each ended as expected, without leftovers. */
export async function runDemo(
  api: ApiClient,
  runtime: Pick<Runtime, 'listObjects'>,
  progress: Progress,
): Promise<boolean> {
  const timestamp = new Date().toISOString().replace(/[-:]/g, '').slice(0, 15);
  const jobs = {
    smoke: await saveJob(api, 'greeter', smokeFlow, timestamp),
    soak: await saveJob(api, 'greeter-soak', soakFlow, timestamp),
  };
  const rows: Row[] = [];
  let isAsExpected = true;
  for (const run of demoRuns) {
    progress.print(`\n${run.title}`);
    const task = await runOnce(api, jobs[run.flow], run, progress);
    progress.end();
    const isExpected = task.state === run.expect.state && task.outcome === run.expect.outcome;
    isAsExpected &&= isExpected;
    progress.print(`  ${isExpected ? 'as expected' : 'NOT as expected'}: ${verdict(task)}`);
    rows.push({ task, logLines: await countLines(api, task.id) });
  }
  progress.print(`\n${formatTable(rows)}\n`);
  const leftovers = await listLeftovers(
    runtime,
    rows.map(({ task }) => task.testId),
  );
  progress.print(leftovers.length === 0 ? 'leftovers of the four runs: none' : `LEFTOVERS: ${leftovers.join(', ')}`);
  const secondImage = rows[1]?.task.components[0];
  const isReused = secondImage !== undefined && !secondImage.built;
  if (!isReused) progress.print('the second run built its image again');
  return isAsExpected && leftovers.length === 0 && isReused;
}

async function saveJob(api: ApiClient, name: string, graph: string, timestamp: string): Promise<string> {
  const flow = await api.post<{ id: string }>('/testflows', { name: `${name}-flow-${timestamp}`, graph });
  const job = await api.post<{ id: string }>('/jobs', { name: `${name}-${timestamp}`, testFlowId: flow.id });
  return job.id;
}

async function runOnce(api: ApiClient, jobId: string, run: DemoRun, progress: Progress): Promise<ApiTask> {
  const { taskId } = await api.post<{ taskId: string }>(`/jobs/${jobId}/run`, { versions: { [plugin]: run.version } });
  let isStopped = false;
  for (;;) {
    // The workflow writes the record, so an accepted task may not be on record yet.
    const task = await api.get<ApiTask>(`/tasks/${taskId}`).catch(() => undefined);
    if (task) {
      progress.status(formatProgress(task));
      if (finalStates.includes(task.state)) return task;
      if (!isStopped && task.steps.some((step) => step.instance === run.stopAt && step.state === 'running')) {
        isStopped = true;
        progress.print('  stopping the running task');
        await api.post(`/tasks/${taskId}/stop`, { reason: 'the demo stops this run halfway' });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
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

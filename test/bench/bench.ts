import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { finalStates } from '../../src/model/task-state.ts';
import { ApiClient } from '../../src/programs/cli/api-client.ts';
import { readConfig } from '../../src/programs/config.ts';
import type { ApiTask } from '../../src/programs/demo/api-task.ts';
import { startAll } from '../../src/programs/embedded/start-all.ts';
import { createLogger } from '../../src/programs/process/logger.ts';
import { emptyRunner, makeEmptyImage } from './empty-runner.ts';
import { recordEvents } from './engine-events.ts';
import { median, percentile95 } from './statistics.ts';

const rounds = Number(process.env.BENCH_ROUNDS ?? 20);
const image = 'brightbird-bench/empty:1';
const run = promisify(execFile);

const home = await mkdtemp(join(tmpdir(), 'brightbird-bench-'));
await writeFile(join(home, 'template.yaml'), emptyRunner(image));
const config = readConfig({
  ...process.env,
  BRIGHTBIRD_HOME: home,
  RUNNER_TEMPLATE: join(home, 'template.yaml'),
  PORT: '0',
  LOG_LEVEL: 'warn',
});
const docker = new Docker();
await makeEmptyImage(docker, image);
const system = await startAll(config, createLogger(config), (line) => console.log(line));
const api = new ApiClient(system.apiUrl, undefined);
const flow = await api.post<{ id: string }>('/testflows', {
  name: 'bench',
  graph: 'name: bench\npipeline:\n  nothing:\n    plugin: bash\n    input: {script: "true"}\n',
});
const job = await api.post<{ id: string }>('/jobs', { name: 'bench', testFlowId: flow.id });
const events = await recordEvents(docker);

interface Sample {
  accepted: number;
  created: number;
  started: number;
  ended: number;
  settled: number;
  dockerRun: number;
}

async function sample(): Promise<Sample> {
  const begin = performance.timeOrigin + performance.now();
  const since = (at: number | undefined): number => (at ?? Number.NaN) - begin;
  const now = (): number => performance.timeOrigin + performance.now();
  const { taskId } = await api.post<{ taskId: string }>(`/jobs/${job.id}/run`);
  const accepted = since(now());
  let task: ApiTask | undefined;
  while (!task || !finalStates.includes(task.state)) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    task = await api.get<ApiTask>(`/tasks/${taskId}`).catch(() => undefined);
  }
  const settled = since(now());
  if (task.state !== 'success') throw new Error(`${taskId} ended as ${task.state}: ${task.error?.message}`);
  const times = events.times.get(task.podName ?? '');
  const before = now();
  await run('docker', ['run', '--rm', image]);
  const dockerRun = now() - before;
  return {
    accepted,
    created: since(times?.create),
    started: since(times?.start),
    ended: since(times?.die),
    settled,
    dockerRun,
  };
}

try {
  for (let warm = 0; warm < 3; warm += 1) await sample();
  const samples: Sample[] = [];
  for (let round = 0; round < rounds; round += 1) samples.push(await sample());
  const row = (name: string, values: number[]): string =>
    `${name.padEnd(34)} ${median(values).toFixed(0).padStart(6)} ms  ${percentile95(values).toFixed(0).padStart(6)} ms`;
  const all = (pick: (one: Sample) => number): number[] => samples.map(pick);
  console.log(`\nan empty container, ${rounds} rounds           median      p95`);
  console.log(
    row(
      'trigger -> accepted (202)',
      all((one) => one.accepted),
    ),
  );
  console.log(
    row(
      'trigger -> runner created',
      all((one) => one.created),
    ),
  );
  console.log(
    row(
      '  created -> started',
      all((one) => one.started - one.created),
    ),
  );
  console.log(
    row(
      '  started -> ended',
      all((one) => one.ended - one.started),
    ),
  );
  console.log(
    row(
      '  ended -> settled',
      all((one) => one.settled - one.ended),
    ),
  );
  console.log(
    row(
      'trigger -> settled',
      all((one) => one.settled),
    ),
  );
  console.log(
    row(
      'docker run --rm of the same image',
      all((one) => one.dockerRun),
    ),
  );
  const ratio = median(all((one) => one.settled / one.dockerRun));
  console.log(`ratio settled / docker run, median of pairs: ${ratio.toFixed(2)}`);
} finally {
  events.stop();
  await system.stop();
  await docker.getImage(image).remove({ force: true });
  await rm(home, { recursive: true, force: true });
}

import { pino } from 'pino';
import type { Store } from '../../../../src/adapters/mongodb/connect.ts';
import type { RunnerEnd } from '../../../../src/model/activities.ts';
import type { RawLine, Runtime } from '../../../../src/model/engine/runtime.ts';
import type { LogPosition } from '../../../../src/model/log.ts';
import type { StepProgress } from '../../../../src/model/step.ts';
import { type LogItem, readLogs } from '../../../../src/services/logs/read.ts';
import { type SuperviseRunOptions, superviseRun } from '../../../../src/services/runs/supervise-run.ts';
import { mark, marker, type ScriptedRun } from './scripted-run.ts';

/** A running follower. */
export interface Following {
  /** Result with the last steps of the follower. */
  end: Promise<RunnerEnd & { steps: StepProgress[] }>;
  /** All reports of steps. */
  progress: StepProgress[][];
  stop(): void;
  abort(reason?: Error): void;
}

export type Overrides = Partial<
  Pick<
    SuperviseRunOptions,
    | 'runtime'
    | 'logs'
    | 'outputs'
    | 'maxRestarts'
    | 'stopSignal'
    | 'mask'
    | 'steps'
    | 'writer'
    | 'isCurrent'
    | 'order'
    | 'onWaits'
  >
>;

/** Starts to follow a scripted run, with the ports of the store unless overridden. */
export function startFollowing(store: Store, scripted: ScriptedRun, overrides: Overrides = {}): Following {
  const stop = new AbortController();
  const letGo = new AbortController();
  const progress: StepProgress[][] = [];
  const following = superviseRun({
    runtime: scripted.runtime,
    logs: store.logs,
    steps: store.steps,
    // Followers of a test share a grant, unless overridden.
    writer: { epoch: 1, try: 1 },
    isCurrent: async () => true,
    order: [],
    outputs: store.outputs,
    artifacts: store.artifacts,
    mask: (text) => text,
    containers: store.containers,
    log: pino({ level: 'silent' }),
    run: scripted.run,
    runner: scripted.runner,
    mark,
    onProgress: (steps) => progress.push(steps),
    stopSignal: stop.signal,
    signal: letGo.signal,
    ...overrides,
  });
  const end = following.then((known) => ({ ...known, steps: progress.at(-1) ?? [] }));
  // May reject before the test awaits it.
  end.catch(() => undefined);
  return { end, progress, stop: () => stop.abort(), abort: (reason) => letGo.abort(reason) };
}

/** Returns the log of a run's runner, or of another source, as readers see it. */
export async function logOf(store: Store, taskId: string, source = 'runner'): Promise<LogItem[]> {
  const page = await readLogs(store.logs, { taskId, filter: { source }, limit: 100_000 });
  if (!page.ended) throw new Error('the log is longer than one page');
  return page.items;
}

/** Returns lines as `text`, notes as `[text]`, and lost lines as `(gap)`. */
export async function textsOf(store: Store, taskId: string, source?: string): Promise<string[]> {
  return (await logOf(store, taskId, source)).map((item) => {
    if ('gap' in item) return '(gap)';
    return item.stream === 'note' ? `[${item.text}]` : item.text;
  });
}

export async function positionOf(store: Store, { run }: ScriptedRun): Promise<LogPosition | undefined> {
  return (await store.logs.last(streamOf(run.taskId)))?.position;
}

export function streamOf(taskId: string): string {
  return `${taskId}/runner-container`;
}

/** Waits for a condition, up to the time limit of the test. */
export async function waitUntil(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Returns the runtime with logs that arrive line by line and end with the abort. Calls `onLine` with the number of lines. */
export function lineByLine(runtime: Runtime, onLine: (count: number, line: RawLine) => void): Runtime {
  let count = 0;
  return {
    ...runtime,
    async *readLog(container, since, signal, options) {
      for await (const batch of runtime.readLog(container, since, signal, options)) {
        for (const line of batch) {
          yield [line];
          count += 1;
          onLine(count, line);
          if (signal.aborted) return;
        }
      }
    },
  };
}

/** Returns the output of a runner that runs the steps in order and prints its verdict. */
export function script(...steps: string[]): string[] {
  return [
    marker('runner.start'),
    'hello',
    ...steps.flatMap((instance) => [
      marker('step.start', { instance }),
      `${instance} works`,
      `${instance} works on`,
      marker('step.end', { instance, state: 'success' }),
    ]),
    'bye',
    marker('runner.end', { state: 'success' }),
  ];
}

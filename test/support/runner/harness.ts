import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Marker, parseMarker } from '../../../src/model/marker.ts';
import { storeWork } from '../../../src/model/stored-work.ts';
import type { WorkFile, WorkStep } from '../../../src/model/work.ts';
import { builtinPlugins } from '../../../src/services/plugins/builtin-plugins.ts';

const program = fileURLToPath(new URL('../../../src/runner/main.ts', import.meta.url));
/** Compile cache, as in the runner's image. */
const compileCache = fileURLToPath(new URL('../../node_modules/.cache/runner-tests', import.meta.url));
export const mark = 'a-mark-of-the-tests';

/** Returns a step with one of the built-in plugins. */
export function step(instance: string, plugin: string, input: WorkStep['input'], more: Partial<WorkStep> = {}) {
  const def = builtinPlugins.find(({ name }) => name === plugin);
  if (!def) throw new Error(`no built-in plugin ${plugin}`);
  return { instance, plugin, input, def, ...more } satisfies WorkStep;
}

export const bash = (instance: string, script: string, more: Partial<WorkStep> = {}) =>
  step(instance, 'bash', { script }, more);

/** A folder with a work file for a runner; `start` runs the runner as a separate process. */
export class Work {
  readonly directory: string;
  readonly runs: RunnerProcess[] = [];

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async create(steps: WorkStep[], more: Partial<WorkFile> = {}): Promise<Work> {
    const directory = await mkdtemp(join(tmpdir(), 'brightbird-runner-'));
    const work: WorkFile = {
      taskId: 'job-1',
      testId: '0badcafe',
      attempt: 1,
      namespace: 'brightbird',
      registry: '',
      mark,
      runtime: { kind: 'docker', labels: {} },
      globals: { logLevel: 'DEBUG' },
      commits: {},
      versions: {},
      images: {},
      steps,
      ...more,
    };
    await writeFile(join(directory, 'work.json'), storeWork(work));
    return new Work(directory);
  }

  start(): RunnerProcess {
    const run = new RunnerProcess(join(this.directory, 'work.json'));
    this.runs.push(run);
    return run;
  }

  /** Runs it to its end. */
  async run(): Promise<RunnerProcess> {
    const run = this.start();
    await run.ended;
    return run;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const run of this.runs) run.child.kill('SIGKILL');
    await Promise.all(this.runs.map((run) => run.ended));
    await rm(this.directory, { recursive: true, force: true });
  }
}

export class RunnerProcess {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  /** Exit code; null after a signal. */
  readonly ended: Promise<number | null>;

  constructor(file: string) {
    this.child = spawn(process.execPath, [program, '--work', file], {
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.ended = once(this.child, 'close').then(([code]) => code);
    for (const [stream, lines] of [
      [this.child.stdout, this.lines],
      [this.child.stderr, this.errors],
    ] as const) {
      if (stream) createInterface({ input: stream }).on('line', (line) => lines.push(line));
    }
  }

  /** Markers without their signatures, which differ between processes. */
  get markers(): Marker[] {
    return this.lines.flatMap((line) => {
      const { key: _key, seq: _seq, ...marker } = parseMarker(line, mark) ?? {};
      return 'brightbird' in marker ? [marker as Marker] : [];
    });
  }

  /** The markers in short, such as `step.end say success`. */
  get story(): string[] {
    return this.markers.map((marker) =>
      [marker.brightbird, 'instance' in marker && marker.instance, 'state' in marker && marker.state]
        .filter(Boolean)
        .join(' '),
    );
  }

  /** Lines that are not markers. */
  get printed(): string[] {
    return this.lines.filter((line) => parseMarker(line, mark) === undefined);
  }

  end(instance: string) {
    return this.markers.find((marker) => marker.brightbird === 'step.end' && marker.instance === instance) as
      | Extract<Marker, { brightbird: 'step.end' }>
      | undefined;
  }

  /** Waits until a line is printed. */
  async printedLine(line: string): Promise<void> {
    while (!this.lines.includes(line)) await this.nextLine();
  }

  /** Waits a little for more lines. */
  async nextLine(): Promise<void> {
    if (this.child.exitCode !== null) throw new Error(`ended before that:\n${this.lines.join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

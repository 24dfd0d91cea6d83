import { randomBytes } from 'node:crypto';
import type { PodContainer, PodManifest } from '../../../../src/model/engine/manifest.ts';
import type { ContainerState, RawLine, RunnerSpec, Runtime } from '../../../../src/model/engine/runtime.ts';
import type { RunIdentity } from '../../../../src/model/run.ts';

export const never = new AbortController().signal;

/** Returns a run of a new task, so that tests do not share one. */
export function newRun(changes: Partial<RunIdentity> = {}): RunIdentity {
  const testId = randomBytes(4).toString('hex');
  return {
    taskId: `job-${testId}`,
    testId,
    attempt: 1,
    workflowId: `task/job-${testId}`,
    runId: `run-${testId}`,
    installation: `contract-${testId}`,
    ...changes,
  };
}

export interface SpecChanges extends Partial<Pick<RunnerSpec, 'deploys' | 'components' | 'files' | 'secrets'>> {
  namespace?: string;
  container?: Partial<PodContainer>;
  pod?: Partial<PodManifest['spec']>;
}

/** Returns the spec of a runner that is a shell script. */
export function shellSpec(run: RunIdentity, image: string, script: string, changes: SpecChanges = {}): RunnerSpec {
  const {
    deploys = false,
    components = [],
    files = [],
    secrets = {},
    container,
    pod,
    namespace = 'contract',
  } = changes;
  return {
    ...run,
    deploys,
    components,
    files,
    secrets,
    work: {
      taskId: run.taskId,
      testId: run.testId,
      attempt: run.attempt,
      namespace,
      registry: '',
      mark: 'a mark of this run',
      globals: {},
      commits: {},
      versions: {},
      images: {},
      steps: [],
    },
    manifest: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `test-runner-${run.testId}`, namespace, labels: { app: 'contract' } },
      spec: {
        restartPolicy: 'OnFailure',
        containers: [{ name: 'runner', image, command: ['/bin/sh', '-c', script], ...container }],
        ...pod,
      },
    },
  };
}

/** Waits for a state of a run's container that matches, and returns it. */
export async function stateOf(
  runtime: Runtime,
  run: RunIdentity,
  wanted: (state: ContainerState) => boolean,
): Promise<ContainerState> {
  for await (const state of runtime.watch(run, never)) if (wanted(state)) return state;
  throw new Error('the watch has ended');
}

export const ended = ({ role, finishedAt }: ContainerState): boolean => role === 'runner' && finishedAt !== undefined;
export const running = (state: ContainerState): boolean => state.role === 'runner' && state.running;

/** Reads all lines of a log; `onLines` gets each batch as it arrives. */
export async function linesOf(
  log: AsyncIterable<RawLine[]>,
  onLines: (lines: RawLine[]) => Promise<void> | void = () => undefined,
): Promise<RawLine[]> {
  const all: RawLine[] = [];
  for await (const lines of log) {
    all.push(...lines);
    await onLines(lines);
  }
  return all;
}

export const texts = (lines: readonly RawLine[]): string[] => lines.map(({ text }) => text);

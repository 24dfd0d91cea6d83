import type { TestFlow } from '../../../../src/model/flow.ts';
import type { Job } from '../../../../src/model/job.ts';
import type { LogChunk } from '../../../../src/model/log.ts';
import type { LogStore } from '../../../../src/model/ports/logs.ts';
import type { Task } from '../../../../src/model/task.ts';

export function aFlow(id: string, more: Partial<TestFlow> = {}): TestFlow {
  const createdAt = new Date('2026-11-01T10:00:00Z');
  const graph = 'pipeline:\n  say:\n    plugin: bash\n    input: {script: "echo hello"}\n';
  return {
    id,
    name: `flow-${id}`,
    graph,
    globalProperties: {},
    description: '',
    revision: 1,
    createdAt,
    updatedAt: createdAt,
    ...more,
  };
}

export function aJob(id: string, more: Partial<Job> = {}): Job {
  const createdAt = new Date('2026-11-01T10:00:00Z');
  return {
    id,
    name: `job-${id}`,
    testFlowId: 'f1',
    jobType: 'manual',
    versions: {},
    globalProperties: {},
    policy: { timeoutSeconds: 600, overlap: 'allow_all', coalesce: false },
    events: [],
    description: '',
    execCount: 0,
    createdAt,
    updatedAt: createdAt,
    ...more,
  };
}

export function aTask(jobId: string, number: number, more: Partial<Task> = {}): Task {
  const id = `${jobId}-${number}`;
  return {
    id,
    name: id,
    number,
    jobId,
    testFlowId: 'f1',
    flowRevision: 1,
    testId: id,
    state: 'init',
    attempt: 1,
    attempts: [],
    trigger: { type: 'manual' },
    versions: {},
    commits: {},
    components: [],
    globals: {},
    pipeline: [],
    steps: [],
    workflowId: `task/${id}`,
    runId: 'run-1',
    times: { requestedAt: new Date(Date.UTC(2026, 10, 1, 10, number)) },
    debts: [],
    ...more,
  };
}

/** Adds a chunk to a stream of a task, with a line per text; `first` is the number of the first line, from 1. */
export async function addLines(
  logs: LogStore,
  task: { taskId: string; source?: string },
  n: number,
  first: number,
  texts: readonly string[],
): Promise<void> {
  const source = task.source ?? 'runner';
  const stream = `${task.taskId}/${source}`;
  await logs.open({ id: stream, taskId: task.taskId, attempt: 1, source });
  const at = `2026-11-01T10:00:00.${String(first).padStart(9, '0')}Z`;
  const chunk: LogChunk = {
    _id: `${stream}/${n}`,
    stream,
    n,
    step: 'say',
    firstSeq: first,
    lines: texts.map((text) => ({ at, kind: 'out', text })),
    position: { maxAt: at, restarts: 0, steps: [{ instance: 'say', state: 'running' }] },
  };
  await logs.insert(chunk);
}

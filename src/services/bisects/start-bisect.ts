import { createHash } from 'node:crypto';
import type { BisectInput } from '../../model/bisect.ts';
import { Fault } from '../../model/fault.ts';
import { newId } from '../../model/new-id.ts';
import type { BisectStore, BisectWorkflows } from '../../model/ports/bisects.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { bisectWorkflowId } from '../../model/queues.ts';
import { requireFound } from '../../model/require-found.ts';
import type { Task } from '../../model/task.ts';
import { compareLockfiles, type LockfileComparison } from '../tasks/compare-lockfiles.ts';
import { chooseComponent } from './choose-component.ts';

export interface BisectPorts {
  jobs: JobStore;
  tasks: TaskStore;
  bisects: BisectStore;
  bisectWorkflows: BisectWorkflows;
}

export interface BisectRequest {
  good: string;
  bad: string;
  component?: string;
  by: string;
  key?: string;
}

/**
 * Starts the search for the commit of a component that made a job's test fail, between a task that succeeded and one that
 * failed. Faults: not_found, input_invalid with what the tasks differ in, unavailable.
 */
export async function startBisect(
  ports: BisectPorts,
  jobId: string,
  request: BisectRequest,
): Promise<{ bisectId: string; workflowId: string }> {
  const job = requireFound(await ports.jobs.get(jobId), `job ${jobId}`);
  const good = await taskOf(ports.tasks, job.id, request, 'good');
  const bad = await taskOf(ports.tasks, job.id, request, 'bad');
  const difference = await compareLockfiles({ ...ports, history: { count: async () => undefined } }, good.id, bad.id);
  const chosen = chooseComponent(difference, request.component);
  const id = request.key === undefined ? newId() : idOf(job.id, request.key);
  const input: BisectInput = {
    id,
    jobId: job.id,
    good: good.id,
    bad: bad.id,
    ...chosen,
    tryGood: !isOnlyDifference(difference, chosen.component),
    by: request.by,
    requestedAt: new Date().toISOString(),
  };
  await ports.bisectWorkflows.start(input);
  // Makes the search visible at once; epoch 0 does not overwrite what its workflow has written.
  const { tryGood: _tryGood, ...search } = input;
  await ports.bisects.put({ ...search, state: 'running', runs: [] }, 0);
  return { bisectId: id, workflowId: bisectWorkflowId(id) };
}

async function taskOf(tasks: TaskStore, jobId: string, request: BisectRequest, role: 'good' | 'bad'): Promise<Task> {
  const task = requireFound(await tasks.get(request[role]), `task ${request[role]}`);
  const where = { path: role };
  if (task.jobId !== jobId) throw new Fault('input_invalid', `task ${task.id} is not of job ${jobId}`, { where });
  const { state, outcome } = task;
  if (role === 'good' && state !== 'success') {
    throw new Fault('input_invalid', `task ${task.id} did not succeed (state: ${state}), so it cannot be "good"`, {
      where,
      hint: 'name a task that succeeded',
    });
  }
  if (role === 'bad' && (state !== 'error' || (outcome !== 'test' && outcome !== 'timeout'))) {
    const what = outcome ? `${state} (${outcome})` : state;
    throw new Fault('input_invalid', `task ${task.id} is ${what}, so it cannot be "bad"`, {
      where,
      hint: 'name a settled task whose test failed: state error, with the outcome test or timeout',
    });
  }
  return task;
}

function isOnlyDifference({ flow, globals, plugins, components }: LockfileComparison, component: string): boolean {
  const others = components.filter(({ same, plugin }) => !same && plugin !== component);
  return flow.same && globals.length + plugins.length + others.length === 0;
}

/** Derives the id from the key, so that a repeated request is the same search. */
function idOf(jobId: string, key: string): string {
  return createHash('sha256').update(`${jobId}/${key}`).digest('hex').slice(0, 16);
}

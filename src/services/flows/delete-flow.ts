import { joinNames } from '../../language/flow/join-names.ts';
import { Fault } from '../../model/fault.ts';
import type { TestFlow } from '../../model/flow.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { requireFound } from '../../model/require-found.ts';

export interface DeleteFlowPorts {
  flows: FlowStore;
  jobs: JobStore;
  tasks: TaskStore;
}

/**
 * Deletes a flow that no job uses. The revisions that tasks ran are kept. Faults: not_found, conflict when jobs use it
 * or a concurrent request edits it.
 */
export async function deleteFlow(ports: DeleteFlowPorts, id: string): Promise<void> {
  const flow = requireFound(await ports.flows.get(id), `test flow ${id}`);
  const users = (await ports.jobs.all()).filter((job) => job.testFlowId === id);
  if (users.length > 0) {
    const names = joinNames(users.map((job) => job.name));
    throw new Fault('conflict', `test flow ${flow.name} is used by ${users.length === 1 ? 'job' : 'jobs'} ${names}`, {
      hint: 'delete these jobs, or give them another test flow',
    });
  }
  if (await ports.flows.delete(flow, await revisionsThatRan(ports.tasks, flow))) return;
  throw new Fault('conflict', `test flow ${flow.name} was edited meanwhile`, { hint: 'review it before deleting it' });
}

async function revisionsThatRan(tasks: TaskStore, { id }: TestFlow): Promise<number[]> {
  const ran = new Set<number>();
  let cursor: string | undefined;
  do {
    const page = await tasks.list({ testFlowId: id }, { limit: 200, cursor });
    for (const task of page.items) ran.add(task.flowRevision);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return [...ran];
}

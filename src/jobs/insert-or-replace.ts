import { Fault } from '../model/fault.ts';
import type { Job, SaveJob } from '../model/job.ts';
import { newId } from '../model/new-id.ts';
import type { FlowStore, JobStore } from '../model/ports.ts';
import { checkVersions } from './check-versions.ts';

/** Checks and records a new job. Faults: input_invalid, ref_invalid, conflict when another job has the name. */
export async function saveJob(ports: { jobs: JobStore; flows: FlowStore }, input: SaveJob): Promise<Job> {
  const flow = await ports.flows.get(input.testFlowId);
  if (!flow) {
    throw new Fault('input_invalid', `test flow ${input.testFlowId} does not exist`, {
      where: { path: 'testFlowId' },
      hint: 'give the id of a saved test flow',
    });
  }
  checkVersions(input.versions, flow);
  const now = new Date();
  const job: Job = { ...input, id: newId(), execCount: 0, createdAt: now, updatedAt: now };
  await ports.jobs.insert(job);
  return job;
}

import type { RunJob } from '../../model/job.ts';
import type { AcceptedRun } from '../../model/job-messages.ts';
import { withMongoTimeout } from '../../model/mongo-timeout.ts';
import { taskWorkflowId } from '../../model/queues.ts';
import { requireFound } from '../../model/require-found.ts';
import { FlowLookup } from '../flows/flow-lookup.ts';
import { type AcceptPorts, acceptRun } from './accept-run.ts';
import { checkLockfile } from './check-lockfile.ts';
import { checkVersions } from './check-versions.ts';

/**
 * Runs a job on request: once it returns, the task is on record and will run, whether a worker runs now or not. A
 * repeated `key` gets the answer of the first request. Faults: not_found, input_invalid, ref_invalid, conflict by the
 * overlap policy, too_many_requests, unavailable.
 */
export async function runJob(
  ports: AcceptPorts,
  jobId: string,
  request: { run: RunJob; by: string; key?: string },
): Promise<AcceptedRun> {
  const job = requireFound(await withMongoTimeout(ports.jobs.get(jobId)), `job ${jobId}`);
  const { versions, lockfileOf } = request.run;
  if (lockfileOf !== undefined) await checkLockfile(ports, job, lockfileOf, versions);
  else {
    const flow = requireFound(await ports.flows.get(job.testFlowId), `test flow ${job.testFlowId} of job ${job.name}`);
    await checkVersions(versions, new FlowLookup(flow, ports.plugins));
  }
  const { taskId } = await acceptRun(ports, job, {
    trigger: { type: 'manual', by: request.by },
    run: request.run,
    key: request.key,
  });
  return { taskId, workflowId: taskWorkflowId(taskId) };
}

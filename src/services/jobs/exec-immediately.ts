import { answersSoon } from '../../model/answers-soon.ts';
import { found } from '../../model/found.ts';
import type { RunJob } from '../../model/job.ts';
import type { Accepted } from '../../model/job-messages.ts';
import { taskWorkflowId } from '../../model/queues.ts';
import { FlowLookup } from '../flows/flow-lookup.ts';
import { type AcceptPorts, acceptRun } from './accept-run.ts';
import { checkLockfile } from './check-lockfile.ts';
import { checkVersions } from './check-versions.ts';

/**
 * Runs a job by hand: the task is on record, and will run, once this has answered, whether a worker runs or not. A request
 * with a `key` that was seen before gets the first one's answer.
 * Faults: not_found, input_invalid, ref_invalid, conflict by the overlap policy, too_many_requests, unavailable.
 */
export async function execImmediately(
  ports: AcceptPorts,
  jobId: string,
  request: { run: RunJob; by: string; key?: string },
): Promise<Accepted> {
  const job = found(await answersSoon(ports.jobs.get(jobId)), `job ${jobId}`);
  const { versions, lockfileOf } = request.run;
  if (lockfileOf !== undefined) await checkLockfile(ports, job, lockfileOf, versions);
  else {
    const flow = found(await ports.flows.get(job.testFlowId), `test flow ${job.testFlowId} of job ${job.name}`);
    await checkVersions(versions, new FlowLookup(flow, ports.plugins));
  }
  const { taskId } = await acceptRun(ports, job, {
    trigger: { type: 'manual', by: request.by },
    run: request.run,
    ...(request.key !== undefined && { key: request.key }),
  });
  return { taskId, workflowId: taskWorkflowId(taskId) };
}

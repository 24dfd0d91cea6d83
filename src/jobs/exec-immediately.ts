import type { Orchestrator } from '../model/durable-ports.ts';
import { found } from '../model/found.ts';
import type { RunJob } from '../model/job.ts';
import type { Accepted } from '../model/job-messages.ts';
import type { FlowStore, JobStore, PluginStore, TaskStore } from '../model/ports.ts';
import { checkLockfile } from './check-lockfile.ts';
import { checkVersions } from './check-versions.ts';

export interface ExecPorts {
  jobs: JobStore;
  flows: FlowStore;
  tasks: TaskStore;
  plugins: PluginStore;
  orchestrator: Orchestrator;
}

/**
 * Runs a job by hand; a request with a `key` that was seen before gets the first one's answer.
 * Faults: not_found, input_invalid, ref_invalid, unavailable when no worker answers.
 */
export async function execImmediately(
  ports: ExecPorts,
  jobId: string,
  request: { run: RunJob; by: string; key?: string },
): Promise<Accepted> {
  const job = found(await ports.jobs.get(jobId), `job ${jobId}`);
  const { versions, lockfileOf } = request.run;
  if (lockfileOf !== undefined) await checkLockfile(ports, job, lockfileOf, versions);
  else {
    const flow = found(await ports.flows.get(job.testFlowId), `test flow ${job.testFlowId} of job ${job.name}`);
    checkVersions(versions, flow);
  }
  return ports.orchestrator.runJob(job, {
    trigger: { type: 'manual', by: request.by },
    run: request.run,
    ...(request.key !== undefined && { key: request.key }),
  });
}

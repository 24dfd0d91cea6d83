import type { DeliveryMatch, HookEvent } from '../../model/delivery.ts';
import type { Job } from '../../model/job.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';
import { createComponentLookup } from './flow-components.ts';
import { type Match, match } from './match.ts';

export interface MatchPorts {
  jobs: JobStore;
  flows: FlowStore;
  plugins: PluginStore;
}

export interface JobMatch extends Match {
  job: Job;
}

/** Matches events against the jobs as they were when it was loaded. */
export type Matcher = (hook: HookEvent) => Promise<JobMatch[]>;

/** Takes all event jobs as they are now, in the order of their names. */
export async function loadMatcher(ports: MatchPorts): Promise<Matcher> {
  const jobs = await ports.jobs.all(['pr_merged_hook', 'tag_created_hook']);
  jobs.sort((one, other) => one.name.localeCompare(other.name));
  const componentsOf = createComponentLookup(ports);
  return async (hook) => {
    const matches: JobMatch[] = [];
    for (const job of jobs) matches.push({ job, ...(await match(hook, job, () => componentsOf(job.testFlowId))) });
    return matches;
  };
}

/** A match as the delivery's record has it. */
export function toRecord({ job, matched, reason }: JobMatch): DeliveryMatch {
  return { jobId: job.id, jobName: job.name, matched, reason };
}

import type { DeliveryMatch, HookEvent } from '../../model/delivery.ts';
import type { Job } from '../../model/job.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';
import { createComponentLookup } from './flow-components.ts';
import { type Match, matchJob } from './match-job.ts';

export interface MatchPorts {
  jobs: JobStore;
  flows: FlowStore;
  plugins: PluginStore;
}

export interface JobMatch extends Match {
  job: Job;
}

/** Matches an event with the jobs that were loaded. */
export type Matcher = (hook: HookEvent) => Promise<JobMatch[]>;

/** Loads all event jobs, in the order of their names, and returns a matcher for them. */
export async function loadMatcher(ports: MatchPorts): Promise<Matcher> {
  const jobs = await ports.jobs.all(['pr_merged_hook', 'tag_created_hook']);
  jobs.sort((one, other) => one.name.localeCompare(other.name));
  const componentsOf = createComponentLookup(ports);
  return async (hook) => {
    const matches: JobMatch[] = [];
    for (const job of jobs) matches.push({ job, ...(await matchJob(hook, job, () => componentsOf(job.testFlowId))) });
    return matches;
  };
}

/** Converts a match to its record in a delivery. */
export function toRecord({ job, matched, reason }: JobMatch): DeliveryMatch {
  return { jobId: job.id, jobName: job.name, matched, reason };
}

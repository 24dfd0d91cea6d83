import { Fault, type Issue } from '../../model/fault.ts';
import type { JobType, SaveJob } from '../../model/job.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';
import { requireFound } from '../../model/require-found.ts';
import { FlowLookup } from '../flows/flow-lookup.ts';
import { cronIssues, timezoneIssues } from './check-cron.ts';
import { ruleIssues } from './check-rules.ts';
import { checkVersions } from './check-versions.ts';

/** Fields that only jobs of one type have; the first one is required. */
const ownFields = {
  manual: [],
  cron_job: ['cronExpression', 'timezone', 'jitterSeconds', 'catchUpSeconds'],
  pr_merged_hook: ['prMergedEventMatches'],
  tag_created_hook: ['tagCreateEventMatches'],
} as const satisfies Record<JobType, readonly (keyof SaveJob)[]>;

/**
 * Checks everything about a job that can be known before it runs, and returns its flow, read as far as needed. Throws
 * one fault with all issues and their places: `input_invalid`, or `ref_invalid` when git does not allow a version as a
 * name.
 */
export async function checkJob(
  { flows, plugins }: { flows: Pick<FlowStore, 'get'>; plugins: Pick<PluginStore, 'list'> },
  job: SaveJob,
): Promise<FlowLookup> {
  const flow = await flows.get(job.testFlowId);
  const issues: Issue[] = [
    ...(flow ? [] : [missingFlow(job.testFlowId)]),
    ...fieldIssues(job),
    ...(job.cronExpression === undefined ? [] : cronIssues(job.cronExpression)),
    ...(job.timezone === undefined ? [] : timezoneIssues(job.timezone)),
    ...ruleIssues(job),
  ];
  const [first] = issues;
  if (first) throw new Fault('input_invalid', first.message, { where: first.where, hint: first.hint, issues });
  const checked = new FlowLookup(requireFound(flow, `test flow ${job.testFlowId}`), plugins);
  await checkVersions(job.versions, checked);
  return checked;
}

function missingFlow(id: string): Issue {
  return {
    message: `test flow ${id} does not exist`,
    where: { path: 'testFlowId' },
    hint: 'use the id of a saved test flow',
  };
}

function fieldIssues(job: SaveJob): Issue[] {
  const own: readonly string[] = ownFields[job.jobType];
  const [needed] = own as (keyof SaveJob)[];
  const given = needed && job[needed];
  const missing = needed && (given === undefined || (Array.isArray(given) && given.length === 0));
  const foreign = Object.values(ownFields)
    .flat()
    .filter((name) => job[name] !== undefined && !own.includes(name));
  return [
    ...(missing ? [{ message: `a ${job.jobType} needs ${needed}`, where: { path: needed } }] : []),
    ...foreign.map((name) => ({
      message: `a ${job.jobType} cannot have ${name}`,
      where: { path: name },
      hint: 'remove it, or change jobType',
    })),
  ];
}

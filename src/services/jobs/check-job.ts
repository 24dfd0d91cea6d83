import { Fault, type Mistake } from '../../model/fault.ts';
import { found } from '../../model/found.ts';
import type { JobType, SaveJob } from '../../model/job.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';
import { FlowLookup } from '../flows/flow-lookup.ts';
import { cronMistakes, timezoneMistakes } from './check-cron.ts';
import { ruleMistakes } from './check-rules.ts';
import { checkVersions } from './check-versions.ts';

/** Fields that only jobs of one type have; those that it must have come first. */
const ownFields = {
  manual: [],
  cron_job: ['cronExpression', 'timezone', 'jitterSeconds', 'catchUpSeconds'],
  pr_merged_hook: ['prMergedEventMatches'],
  tag_created_hook: ['tagCreateEventMatches'],
} as const satisfies Record<JobType, readonly (keyof SaveJob)[]>;

/**
 * Checks everything about a job that can be known before it runs, and returns its flow, of which that is read that was needed. Throws one fault with all mistakes and their places:
 * `input_invalid`, or `ref_invalid` when a version is no name that git allows.
 */
export async function checkJob(
  { flows, plugins }: { flows: Pick<FlowStore, 'get'>; plugins: Pick<PluginStore, 'list'> },
  job: SaveJob,
): Promise<FlowLookup> {
  const flow = await flows.get(job.testFlowId);
  const mistakes: Mistake[] = [
    ...(flow ? [] : [noFlow(job.testFlowId)]),
    ...fieldMistakes(job),
    ...(job.cronExpression === undefined ? [] : cronMistakes(job.cronExpression)),
    ...(job.timezone === undefined ? [] : timezoneMistakes(job.timezone)),
    ...ruleMistakes(job),
  ];
  const [first] = mistakes;
  if (first) throw new Fault('input_invalid', first.message, { where: first.where, hint: first.hint, mistakes });
  const checked = new FlowLookup(found(flow, `test flow ${job.testFlowId}`), plugins);
  await checkVersions(job.versions, checked);
  return checked;
}

function noFlow(id: string): Mistake {
  return {
    message: `test flow ${id} does not exist`,
    where: { path: 'testFlowId' },
    hint: 'give the id of a saved test flow',
  };
}

function fieldMistakes(job: SaveJob): Mistake[] {
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
      message: `a ${job.jobType} has no ${name}`,
      where: { path: name },
      hint: 'leave it out, or change jobType',
    })),
  ];
}

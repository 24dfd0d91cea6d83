import type { HookEvent } from '../../model/delivery.ts';
import type { Job } from '../../model/job.ts';
import { repositoryName } from '../../model/repository-name.ts';
import type { RepositoryChange } from '../../model/trigger.ts';
import type { FlowComponents } from './flow-components.ts';
import { matchRules } from './match-rules.ts';

export interface Match {
  matched: boolean;
  /** Why, in a sentence that names the rule and the value. */
  reason: string;
  /** What the repository has become; empty when it does not match. */
  changes: RepositoryChange[];
}

/** What an event means to a job as it is now. The components of its flow are asked for only when a rule is for the event. */
export async function match(hook: HookEvent, job: Job, componentsOf: () => Promise<FlowComponents>): Promise<Match> {
  const { matched, reason } = matchRules(hook, job);
  if (!matched) return refused(reason);
  if (job.pause) {
    const { by, note } = job.pause;
    return refused(`${reason}, but the job is paused by ${by}${note ? ` (${note})` : ''}`);
  }
  const flow = await componentsOf();
  if ('broken' in flow) return refused(`${reason}, but ${flow.broken}`);
  const repo = repositoryName(hook.repo);
  const isComponent = flow.repositories.some((one) => repositoryName(one) === repo);
  if (!isComponent) {
    return refused(`${reason}, but no component of its test flow is built from ${hook.repo}`);
  }
  return { matched: true, reason, changes: [changeOf(hook)] };
}

function changeOf(hook: HookEvent): RepositoryChange {
  const { repo, sha } = hook;
  if (hook.kind === 'tag_created')
    return { repo, version: hook.tag, title: hook.tag, ...(sha !== undefined && { sha }) };
  const title = `${hook.number === undefined ? '' : `#${hook.number} `}${hook.title}`.trim();
  // Where GitHub does not tell the commit, the head of the branch that it was merged into has it.
  return {
    repo,
    version: sha ?? hook.base,
    title: title || `a merge into ${hook.base}`,
    ...(sha !== undefined && { sha }),
    ...(hook.number !== undefined && { number: hook.number }),
  };
}

function refused(reason: string): Match {
  return { matched: false, reason, changes: [] };
}

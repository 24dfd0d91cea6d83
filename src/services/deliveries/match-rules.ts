import type { HookEvent } from '../../model/delivery.ts';
import type { Job } from '../../model/job.ts';
import { repositoryName } from '../../model/repository-name.ts';
import { type Comparison, compare } from './compare.ts';

/** Rules and repositories that a reason lists. */
const mostListed = 5;

/** A rule of either kind: its repository, and what it compares with an event from there. */
interface Rule {
  repo: string;
  compare(): Comparison[];
}

/** Whether one of the job's rules is for the event, and which one with what; or why none is. Any one rule is enough. */
export function matchRules(hook: HookEvent, job: Job): { matched: boolean; reason: string } {
  const rules = rulesOf(hook, job);
  if (!rules) return { matched: false, reason: `${starts[job.jobType]}, and this is ${kinds[hook.kind]}` };
  const repo = repositoryName(hook.repo);
  const reasons: string[] = [];
  for (const [index, rule] of rules.entries()) {
    if (repositoryName(rule.repo) !== repo) continue;
    const compared = rule.compare();
    const failed = compared.filter(({ matched }) => !matched);
    const says = (failed.length > 0 ? failed : compared).map((one) => one.says).join(', ');
    const reason = `rule ${index + 1}: ${says}`;
    if (failed.length === 0) return { matched: true, reason };
    reasons.push(reason);
  }
  if (reasons.length === 0) reasons.push(`none of its rules is for ${hook.repo}: ${repositories(rules)}`);
  return { matched: false, reason: listed(reasons, '; ') };
}

const kinds = { pr_merged: 'a merged pull request', tag_created: 'a tag' } as const;
const starts = {
  manual: 'it starts by hand only',
  cron_job: 'it starts by time only',
  pr_merged_hook: 'it starts by merged pull requests only',
  tag_created_hook: 'it starts by tags only',
} as const;

/** The job's rules for this kind of event; undefined when it is not for this kind. */
function rulesOf(hook: HookEvent, job: Job): Rule[] | undefined {
  if (hook.kind === 'pr_merged' && job.jobType === 'pr_merged_hook') {
    return (job.prMergedEventMatches ?? []).map(({ repo, basePattern, sourcePattern }) => ({
      repo,
      compare: () => [
        compare('base branch', hook.base, basePattern),
        compare('source branch', hook.source, sourcePattern),
      ],
    }));
  }
  if (hook.kind === 'tag_created' && job.jobType === 'tag_created_hook') {
    return (job.tagCreateEventMatches ?? []).map(({ repo, tagPattern }) => ({
      repo,
      compare: () => [compare('tag', hook.tag, tagPattern)],
    }));
  }
  return undefined;
}

function repositories(rules: readonly Rule[]): string {
  if (rules.length === 0) return 'it has none';
  return `they are for ${listed([...new Set(rules.map(({ repo }) => repositoryName(repo)))], ', ')}`;
}

function listed(texts: readonly string[], between: string): string {
  const more = texts.length > mostListed ? `${between}and ${texts.length - mostListed} more` : '';
  return texts.slice(0, mostListed).join(between) + more;
}

import type { HookEvent } from '../../model/delivery.ts';
import type { Job } from '../../model/job.ts';
import { repositoryName } from '../../model/repository-name.ts';
import { type Comparison, comparePattern } from './compare-pattern.ts';

/** Rules and repositories that a reason lists at most. */
const maxListed = 5;

/** A rule of either kind: its repository, and its comparisons with an event of that repository. */
interface Rule {
  repo: string;
  compare(): Comparison[];
}

/** Returns whether a rule of the job matches the event, with the rule and its values, or the reason why none does. */
export function matchRules(hook: HookEvent, job: Job): { matched: boolean; reason: string } {
  const rules = rulesOf(hook, job);
  if (!rules) return { matched: false, reason: `${triggers[job.jobType]}, and this is ${kinds[hook.kind]}` };
  const repo = repositoryName(hook.repo);
  const reasons: string[] = [];
  for (const [index, rule] of rules.entries()) {
    if (repositoryName(rule.repo) !== repo) continue;
    const compared = rule.compare();
    const failed = compared.filter(({ matched }) => !matched);
    const says = (failed.length > 0 ? failed : compared).map((one) => one.text).join(', ');
    const reason = `rule ${index + 1}: ${says}`;
    if (failed.length === 0) return { matched: true, reason };
    reasons.push(reason);
  }
  if (reasons.length === 0) reasons.push(`none of its rules is for ${hook.repo}: ${describeRepositories(rules)}`);
  return { matched: false, reason: joinListed(reasons, '; ') };
}

const kinds = { pr_merged: 'a merged pull request', tag_created: 'a tag' } as const;
const triggers = {
  manual: 'the job is only started manually',
  cron_job: 'the job is only started by its schedule',
  pr_merged_hook: 'the job is only started by merged pull requests',
  tag_created_hook: 'the job is only started by tags',
} as const;

/** Returns the rules of a job for this kind of event; undefined when its type does not handle the kind. */
function rulesOf(hook: HookEvent, job: Job): Rule[] | undefined {
  if (hook.kind === 'pr_merged' && job.jobType === 'pr_merged_hook') {
    return (job.prMergedEventMatches ?? []).map(({ repo, basePattern, sourcePattern }) => ({
      repo,
      compare: () => [
        comparePattern('base branch', hook.base, basePattern),
        comparePattern('source branch', hook.source, sourcePattern),
      ],
    }));
  }
  if (hook.kind === 'tag_created' && job.jobType === 'tag_created_hook') {
    return (job.tagCreateEventMatches ?? []).map(({ repo, tagPattern }) => ({
      repo,
      compare: () => [comparePattern('tag', hook.tag, tagPattern)],
    }));
  }
  return undefined;
}

function describeRepositories(rules: readonly Rule[]): string {
  if (rules.length === 0) return 'it has no rules';
  return `they are for ${joinListed([...new Set(rules.map(({ repo }) => repositoryName(repo)))], ', ')}`;
}

function joinListed(texts: readonly string[], separator: string): string {
  const more = texts.length > maxListed ? `${separator}and ${texts.length - maxListed} more` : '';
  return texts.slice(0, maxListed).join(separator) + more;
}

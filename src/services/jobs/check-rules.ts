import type { Issue } from '../../model/fault.ts';
import type { SaveJob } from '../../model/job.ts';
import { compilePattern } from '../../model/pattern.ts';
import { repositoryIssues } from './check-repository.ts';
import { collectIssues } from './collect-issues.ts';

/** Returns the issues of the rules of a job that waits for merges or tags: invalid repositories and patterns. */
export function ruleIssues({ prMergedEventMatches = [], tagCreateEventMatches = [] }: SaveJob): Issue[] {
  return [
    ...prMergedEventMatches.flatMap(({ repo, basePattern, sourcePattern }, index) => {
      const path = `prMergedEventMatches[${index}]`;
      return [
        ...repositoryIssues(repo, `${path}.repo`),
        ...collectIssues(() => compilePattern(basePattern), `${path}.basePattern`),
        ...collectIssues(() => compilePattern(sourcePattern), `${path}.sourcePattern`),
      ];
    }),
    ...tagCreateEventMatches.flatMap(({ repo, tagPattern }, index) => {
      const path = `tagCreateEventMatches[${index}]`;
      return [
        ...repositoryIssues(repo, `${path}.repo`),
        ...collectIssues(() => compilePattern(tagPattern), `${path}.tagPattern`),
      ];
    }),
  ];
}

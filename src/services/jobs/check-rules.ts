import type { Mistake } from '../../model/fault.ts';
import type { SaveJob } from '../../model/job.ts';
import { compilePattern } from '../../model/pattern.ts';
import { repositoryMistakes } from './check-repository.ts';
import { mistakesOf } from './mistakes-of.ts';

/** What is wrong with the rules of a job that waits for merges or tags: repositories that are none, broken patterns. */
export function ruleMistakes({ prMergedEventMatches = [], tagCreateEventMatches = [] }: SaveJob): Mistake[] {
  return [
    ...prMergedEventMatches.flatMap(({ repo, basePattern, sourcePattern }, index) => {
      const path = `prMergedEventMatches[${index}]`;
      return [
        ...repositoryMistakes(repo, `${path}.repo`),
        ...mistakesOf(() => compilePattern(basePattern), `${path}.basePattern`),
        ...mistakesOf(() => compilePattern(sourcePattern), `${path}.sourcePattern`),
      ];
    }),
    ...tagCreateEventMatches.flatMap(({ repo, tagPattern }, index) => {
      const path = `tagCreateEventMatches[${index}]`;
      return [
        ...repositoryMistakes(repo, `${path}.repo`),
        ...mistakesOf(() => compilePattern(tagPattern), `${path}.tagPattern`),
      ];
    }),
  ];
}

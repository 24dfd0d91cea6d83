import type { Mistake } from '../model/fault.ts';
import type { SaveJob } from '../model/job.ts';
import { compilePattern } from '../model/pattern.ts';
import { repositoryName } from '../model/repository-name.ts';
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

function repositoryMistakes(repo: string, path: string): Mistake[] {
  if (/^[^\s/]+(\/[^\s/]+)+$/.test(repositoryName(repo))) return [];
  const message = `${JSON.stringify(repo)} is not a repository`;
  return [{ message, where: { path }, hint: 'write owner/name, or any clone URL of it' }];
}

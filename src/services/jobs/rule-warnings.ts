import type { JobWarning, SaveJob } from '../../model/job.ts';
import { repositoryName } from '../../model/repository-name.ts';
import { flowComponents } from '../deliveries/flow-components.ts';
import type { FlowLookup } from '../flows/flow-lookup.ts';

/**
 * Returns a warning for each rule of a job that no event can match now, because no component of the test flow is built
 * from the repository of the rule. Throws `unavailable`.
 */
export async function ruleWarnings(job: SaveJob, flow: FlowLookup): Promise<JobWarning[]> {
  const rules = [
    ...(job.prMergedEventMatches ?? []).map(({ repo }, index) => ({
      repo,
      path: `prMergedEventMatches[${index}].repo`,
    })),
    ...(job.tagCreateEventMatches ?? []).map(({ repo }, index) => ({
      repo,
      path: `tagCreateEventMatches[${index}].repo`,
    })),
  ];
  if (rules.length === 0) return [];
  const components = await flowComponents(flow);
  if ('broken' in components)
    return [{ message: `no event matches as long as ${components.broken}`, path: 'testFlowId' }];
  const built = [...new Set(components.repositories.map(repositoryName))];
  const hint =
    built.length === 0 ? 'no step of the flow builds a component' : `its components are built from ${built.join(', ')}`;
  return rules
    .filter(({ repo }) => !built.includes(repositoryName(repo)))
    .map(({ repo, path }) => ({
      message: `no event of ${repo} matches, as no component of test flow ${flow.name} is built from it`,
      path,
      hint,
    }));
}

import { z } from 'zod';
import { findPlugin } from '../../language/flow/find-plugin.ts';
import { Fault, type Issue } from '../../model/fault.ts';
import type { StepSpec } from '../../model/flow.ts';
import type { Versions } from '../../model/job.ts';
import { isBuildable, type Plugin } from '../../model/plugin.ts';
import { checkVersion } from '../../model/ref-name.ts';
import type { FlowLookup } from '../flows/flow-lookup.ts';
import { collectIssues } from './collect-issues.ts';

/**
 * Checks that every version is for a plugin of the flow with a repository, and is a commit, branch or tag that git
 * allows. Throws one fault with all issues: `ref_invalid`, or `input_invalid` when a plugin has no versions to choose
 * from.
 */
export async function checkVersions(versions: Versions, flow: FlowLookup): Promise<void> {
  if (Object.keys(versions).length === 0) return;
  checkVersionsOf(versions, { name: `test flow ${flow.name}`, steps: await flow.steps() }, await flow.plugins());
}

/** As `checkVersions`, for a flow whose steps are known. */
export function checkVersionsOf(
  versions: Versions,
  flow: { name: string; steps: readonly StepSpec[] },
  plugins: readonly Plugin[],
): void {
  const names = Object.keys(versions);
  const invalidPlugins = names.flatMap((name) => pluginIssues(name, flow, plugins));
  const refs = names.flatMap((name) => collectIssues(() => checkVersion(versions[name] ?? ''), at(name)));
  const issues: Issue[] = [...invalidPlugins, ...refs];
  const [first] = issues;
  if (!first) return;
  throw new Fault(invalidPlugins.length > 0 ? 'input_invalid' : 'ref_invalid', first.message, {
    where: first.where,
    hint: first.hint,
    issues,
  });
}

/**
 * Returns the reason why no version of a plugin can be chosen. Issues of the flow itself are reported by its own check.
 */
function pluginIssues(
  name: string,
  flow: { name: string; steps: readonly StepSpec[] },
  plugins: readonly Plugin[],
): Issue[] {
  const where = { path: at(name) };
  const steps = flow.steps.filter(({ plugin }) => plugin === name);
  if (steps.length === 0) {
    const hint = `its plugins are ${[...new Set(flow.steps.map(({ plugin }) => plugin))].join(', ')}`;
    return [{ message: `${flow.name} has no plugin ${name}`, where, hint }];
  }
  const found = steps.map((step) => findPlugin(step, plugins)).flatMap((one) => ('plugin' in one ? [one.plugin] : []));
  if (found.length === 0 || found.some(isBuildable)) return [];
  const message = `plugin ${name} has no repository, so it has no commit, branch or tag to choose`;
  return [{ message, where, hint: `remove it; a step of the flow chooses the version of the plugin itself` }];
}

function at(name: string): string {
  return z.core.toDotPath(['versions', name]);
}

import { z } from 'zod';
import { findPlugin } from '../../language/flow/find-plugin.ts';
import { Fault, type Mistake } from '../../model/fault.ts';
import type { StepSpec } from '../../model/flow.ts';
import type { Versions } from '../../model/job.ts';
import { isBuildable, type Plugin } from '../../model/plugin.ts';
import { checkVersion } from '../../model/ref-name.ts';
import type { FlowLookup } from '../flows/flow-lookup.ts';
import { mistakesOf } from './mistakes-of.ts';

/**
 * Checks that every version is for a plugin of the flow that has a repository, and is a commit, branch or tag as git allows
 * it. Throws one fault with all mistakes: `ref_invalid`, or `input_invalid` when a plugin has no versions to choose from.
 */
export async function checkVersions(versions: Versions, flow: FlowLookup): Promise<void> {
  if (Object.keys(versions).length === 0) return;
  checkVersionsOf(versions, { name: `test flow ${flow.name}`, steps: await flow.steps() }, await flow.plugins());
}

/** The same for a flow whose steps are known. */
export function checkVersionsOf(
  versions: Versions,
  flow: { name: string; steps: readonly StepSpec[] },
  plugins: readonly Plugin[],
): void {
  const names = Object.keys(versions);
  const unfit = names.flatMap((name) => pluginMistakes(name, flow, plugins));
  const refs = names.flatMap((name) => mistakesOf(() => checkVersion(versions[name] ?? ''), at(name)));
  const mistakes: Mistake[] = [...unfit, ...refs];
  const [first] = mistakes;
  if (!first) return;
  throw new Fault(unfit.length > 0 ? 'input_invalid' : 'ref_invalid', first.message, {
    where: first.where,
    hint: first.hint,
    mistakes,
  });
}

/** Why a plugin has no version that could be chosen. What the flow itself has wrong, its own check tells. */
function pluginMistakes(
  name: string,
  flow: { name: string; steps: readonly StepSpec[] },
  plugins: readonly Plugin[],
): Mistake[] {
  const where = { path: at(name) };
  const steps = flow.steps.filter(({ plugin }) => plugin === name);
  if (steps.length === 0) {
    const hint = `its plugins are ${[...new Set(flow.steps.map(({ plugin }) => plugin))].join(', ')}`;
    return [{ message: `${flow.name} has no plugin ${name}`, where, hint }];
  }
  const found = steps.map((step) => findPlugin(step, plugins)).flatMap((one) => ('plugin' in one ? [one.plugin] : []));
  if (found.length === 0 || found.some(isBuildable)) return [];
  const message = `plugin ${name} has no repository, so there is no commit, branch or tag of it to choose`;
  return [{ message, where, hint: `leave it out; a step of the flow chooses a version of the plugin itself` }];
}

function at(name: string): string {
  return z.core.toDotPath(['versions', name]);
}

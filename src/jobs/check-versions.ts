import { z } from 'zod';
import { checkVersion } from '../build/repositories/ref-name.ts';
import { readGraph } from '../checks/run-check.ts';
import { Fault, type Mistake } from '../model/fault.ts';
import type { TestFlow } from '../model/flow.ts';
import type { Versions } from '../model/job.ts';
import { mistakesOf } from './mistakes-of.ts';

/**
 * Checks that every version is for a plugin of the flow and is a commit, branch or tag as git allows it. Throws one fault
 * with all mistakes: `ref_invalid`, or `input_invalid` when a plugin is not the flow's.
 */
export async function checkVersions(versions: Versions, flow: Pick<TestFlow, 'name' | 'graph'>): Promise<void> {
  if (Object.keys(versions).length === 0) return;
  const plugins = (await readGraph(flow.graph)).steps.map((step) => step.plugin);
  checkVersionsOf(versions, `test flow ${flow.name}`, [...new Set(plugins)]);
}

/** The same for a flow that is known by its plugins. */
export function checkVersionsOf(versions: Versions, flow: string, plugins: readonly string[]): void {
  const names = Object.keys(versions);
  const unknown = names
    .filter((name) => !plugins.includes(name))
    .map((name) => ({
      message: `${flow} has no plugin ${name}`,
      where: { path: at(name) },
      hint: `its plugins are ${plugins.join(', ')}`,
    }));
  const refs = names.flatMap((name) => mistakesOf(() => checkVersion(versions[name] ?? ''), at(name)));
  const mistakes: Mistake[] = [...unknown, ...refs];
  const [first] = mistakes;
  if (!first) return;
  throw new Fault(unknown.length > 0 ? 'input_invalid' : 'ref_invalid', first.message, {
    where: first.where,
    hint: first.hint,
    mistakes,
  });
}

function at(name: string): string {
  return z.core.toDotPath(['versions', name]);
}

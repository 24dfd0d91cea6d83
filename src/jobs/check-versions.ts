import { z } from 'zod';
import { checkVersion } from '../build/repositories/ref-name.ts';
import { parseGraph } from '../flows/parse-graph.ts';
import { Fault, type Mistake } from '../model/fault.ts';
import type { TestFlow } from '../model/flow.ts';
import type { Versions } from '../model/job.ts';

/**
 * Checks that every version is for a plugin of the flow and is a commit, branch or tag as git allows it. Throws one fault
 * with all mistakes: `ref_invalid`, or `input_invalid` when a plugin is not the flow's.
 */
export function checkVersions(versions: Versions, flow: Pick<TestFlow, 'name' | 'graph'>): void {
  if (Object.keys(versions).length === 0) return;
  const plugins = parseGraph(flow.graph).graph.steps.map((step) => step.plugin);
  checkVersionsOf(versions, `test flow ${flow.name}`, [...new Set(plugins)]);
}

/** The same for a flow that is known by its plugins. */
export function checkVersionsOf(versions: Versions, flow: string, plugins: readonly string[]): void {
  const names = Object.keys(versions);
  const unknown = names
    .filter((name) => !plugins.includes(name))
    .map((name) => ({
      message: `${flow} has no plugin ${name}`,
      where: at(name),
      hint: `its plugins are ${plugins.join(', ')}`,
    }));
  const refs = names.flatMap((name) => refMistakes(name, versions[name] ?? ''));
  const mistakes: Mistake[] = [...unknown, ...refs];
  const [first] = mistakes;
  if (!first) return;
  throw new Fault(unknown.length > 0 ? 'input_invalid' : 'ref_invalid', first.message, {
    where: first.where,
    hint: first.hint,
    mistakes,
  });
}

function at(name: string): { path: string } {
  return { path: z.core.toDotPath(['versions', name]) };
}

function refMistakes(name: string, version: string): Mistake[] {
  try {
    checkVersion(version);
    return [];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return [{ message: error.message, where: at(name), hint: error.hint }];
  }
}

import type { Mistake } from '../model/fault.ts';
import type { Globals, StepSpec } from '../model/flow.ts';
import type { Plugin } from '../model/plugin.ts';
import { checkInput } from './check-input.ts';
import { checkNeeds } from './check-needs.ts';
import { checkReferences } from './check-references.ts';
import { findPlugin } from './find-plugin.ts';
import { flowFault } from './flow-fault.ts';
import type { ParsedGraph } from './parse-graph.ts';

/** A step with the plugin version that it runs. */
export interface ResolvedStep {
  step: StepSpec;
  plugin: Plugin;
}

/**
 * Checks a parsed flow against the plugins that exist and the globals that are known besides its own, and returns its
 * steps with their plugins. Throws one `flow_invalid` with every mistake, each with its line, column and path.
 */
export function validateGraph(
  { graph, declaredTypes, place }: ParsedGraph,
  plugins: readonly Plugin[],
  { globals }: { globals: Globals },
): ResolvedStep[] {
  const mistakes: Mistake[] = [];
  const known: Globals = { logLevel: 'DEBUG', ...graph.globals, ...globals };
  const planned = graph.steps.map((step) => {
    const found = findPlugin(step, plugins);
    if ('plugin' in found) return { step, plugin: found.plugin };
    mistakes.push({ ...found.mistake, where: place(['pipeline', step.instance, found.field]) });
    return { step, plugin: undefined };
  });
  for (const [index, { step, plugin }] of planned.entries()) {
    const path = ['pipeline', step.instance];
    for (const { at, text, ...mistake } of checkReferences(planned, index, known)) {
      mistakes.push({ ...mistake, where: place([...path, 'input', ...at], { within: text }) });
    }
    for (const { at, ...mistake } of checkNeeds(graph.steps, index)) {
      mistakes.push({ ...mistake, where: place([...path, 'needs', at]) });
    }
    if (!plugin) continue;
    const declared = declaredTypes.get(step.instance);
    if (declared !== undefined && declared !== plugin.pluginType) {
      const message = `plugin "${plugin.name}" is of type ${plugin.pluginType}, not ${declared}`;
      mistakes.push({
        message,
        where: place([...path, 'pluginType']),
        hint: 'the pluginType of a step may be left out',
      });
    }
    mistakes.push(...inputMistakes(step, plugin, place));
  }
  if (mistakes.length > 0) throw flowFault(mistakes);
  return planned.flatMap(({ step, plugin }) => (plugin ? [{ step, plugin }] : []));
}

function inputMistakes(step: StepSpec, plugin: Plugin, place: ParsedGraph['place']): Mistake[] {
  const path = ['pipeline', step.instance];
  try {
    return checkInput(step.input, plugin.inputSchema).map(({ at, key, ...mistake }) => ({
      ...mistake,
      where: place([...path, 'input', ...at], { key }),
    }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the input schema of plugin ${plugin.name} ${plugin.version} cannot be used: ${reason}`;
    return [{ message, where: place([...path, 'plugin']), hint: 'mend the plugin' }];
  }
}

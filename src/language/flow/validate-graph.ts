import type { Mistake, Place } from '../../model/fault.ts';
import type { Globals, StepSpec } from '../../model/flow.ts';
import type { Plugin } from '../../model/plugin.ts';
import { checkInput, type InputMistake } from './check-input.ts';
import { checkNeeds } from './check-needs.ts';
import { checkReferences } from './check-references.ts';
import { findPlugin } from './find-plugin.ts';
import { flowFault } from './flow-fault.ts';
import type { ParsedGraph } from './parse-graph.ts';
import { findReferences } from './reference-syntax.ts';
import { respell } from './respell.ts';

/** Far more than people write. Places are looked for of so many mistakes; the others are counted. */
const most = { references: 10_000, places: 200 };

/** A step with the plugin version that it runs. */
export interface ResolvedStep {
  step: StepSpec;
  plugin: Plugin;
}

/**
 * Checks a parsed flow against the plugins that exist and the globals that are known besides its own, and returns its
 * steps with their plugins; what YAML takes for a number is the text that was written, where the plugin wants a text.
 * Throws one `flow_invalid` with every mistake, each with its line, column and path. `tell` hears which step is checked.
 */
export function validateGraph(
  { graph, declaredTypes, place, spelling }: ParsedGraph,
  plugins: readonly Plugin[],
  { globals, tell }: { globals: Globals; tell?: (where: Place) => void },
): ResolvedStep[] {
  refuseManyReferences(graph.steps, place);
  const mistakes: Mistake[] = [];
  let untold = 0;
  const add = (mistake: Mistake, ...where: Parameters<typeof place>): void => {
    if (mistakes.length < most.places) mistakes.push({ ...mistake, where: place(...where) });
    else untold += 1;
  };
  const known: Globals = { logLevel: 'DEBUG', ...graph.globals, ...globals };
  const planned = graph.steps.map((step) => {
    const found = findPlugin(step, plugins);
    if ('plugin' in found) {
      tell?.(place(['pipeline', step.instance], { key: true }));
      const input = respell(step.input, found.plugin.inputSchema, (path) => spelling(step.instance, path));
      return { step: { ...step, input }, plugin: found.plugin };
    }
    add(found.mistake, ['pipeline', step.instance, found.field]);
    return { step, plugin: undefined };
  });
  for (const [index, { step, plugin }] of planned.entries()) {
    const path = ['pipeline', step.instance];
    tell?.(place(path, { key: true }));
    for (const { at, text, ...mistake } of checkReferences(planned, index, known)) {
      add(mistake, [...path, 'input', ...at], { within: text });
    }
    for (const { at, ...mistake } of checkNeeds(graph.steps, index)) add(mistake, [...path, 'needs', at]);
    if (!plugin) continue;
    const declared = declaredTypes.get(step.instance);
    if (declared !== undefined && declared !== plugin.pluginType) {
      const message = `plugin "${plugin.name}" is of type ${plugin.pluginType}, not ${declared}`;
      add({ message, hint: 'the pluginType of a step may be left out' }, [...path, 'pluginType']);
    }
    for (const { at, key, ...mistake } of inputMistakes(step, plugin)) add(mistake, [...path, ...at], { key });
  }
  if (mistakes.length > 0) throw flowFault(mistakes, untold);
  return planned.flatMap(({ step, plugin }) => (plugin ? [{ step, plugin }] : []));
}

function refuseManyReferences(steps: readonly StepSpec[], place: ParsedGraph['place']): void {
  let count = 0;
  for (const { instance, input } of steps) {
    const { references, malformed } = findReferences(input);
    count += references.length + malformed.length;
    if (count <= most.references) continue;
    const message = `the flow has more than ${most.references} references`;
    throw flowFault([{ message, where: place(['pipeline', instance, 'input'], { key: true }) }]);
  }
}

/** What is wrong in a step's input, by its path in the step. */
function inputMistakes(step: StepSpec, plugin: Plugin): InputMistake[] {
  try {
    return checkInput(step.input, plugin.inputSchema).map(({ at, ...mistake }) => ({
      ...mistake,
      at: ['input', ...at],
    }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the input schema of plugin ${plugin.name} ${plugin.version} cannot be used: ${reason}`;
    return [{ message, at: ['plugin'], hint: 'mend the plugin' }];
  }
}

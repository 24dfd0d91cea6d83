import type { Issue, Place } from '../../model/fault.ts';
import type { Globals, StepSpec } from '../../model/flow.ts';
import type { Plugin } from '../../model/plugin.ts';
import { checkInput, type InputIssue } from './check-input.ts';
import { checkNeeds } from './check-needs.ts';
import { checkReferences } from './check-references.ts';
import { findPlugin } from './find-plugin.ts';
import { flowFault } from './flow-fault.ts';
import type { ParsedGraph } from './parse-graph.ts';
import { findReferences } from './reference-syntax.ts';
import { respell } from './respell.ts';

/** Safety limits, far above real flows. Only the first issues are located; the others are counted. */
const max = { references: 10_000, places: 200 };

/** A step with the plugin version that it runs. */
export interface ResolvedStep {
  step: StepSpec;
  plugin: Plugin;
}

/**
 * Checks a parsed flow against the existing plugins and the globals besides its own, and returns its steps with their
 * plugins. Where a plugin expects a string, YAML numbers keep their written text. Throws one `flow_invalid` with all
 * issues, each with line, column and path. `tell` is called for each step before its check.
 */
export function validateGraph(
  { graph, declaredTypes, place, spelling }: ParsedGraph,
  plugins: readonly Plugin[],
  { globals, tell }: { globals: Globals; tell?: (where: Place) => void },
): ResolvedStep[] {
  limitReferences(graph.steps, place);
  const issues: Issue[] = [];
  let unlocated = 0;
  const add = (issue: Issue, ...where: Parameters<typeof place>): void => {
    if (issues.length < max.places) issues.push({ ...issue, where: place(...where) });
    else unlocated += 1;
  };
  const known: Globals = { logLevel: 'DEBUG', ...graph.globals, ...globals };
  const planned = graph.steps.map((step) => {
    const found = findPlugin(step, plugins);
    if ('plugin' in found) {
      tell?.(place(['pipeline', step.instance], { key: true }));
      const input = respell(step.input, found.plugin.inputSchema, (path) => spelling(step.instance, path));
      return { step: { ...step, input }, plugin: found.plugin };
    }
    add(found.issue, ['pipeline', step.instance, found.field]);
    return { step, plugin: undefined };
  });
  for (const [index, { step, plugin }] of planned.entries()) {
    const path = ['pipeline', step.instance];
    tell?.(place(path, { key: true }));
    for (const { at, text, ...issue } of checkReferences(planned, index, known)) {
      add(issue, [...path, 'input', ...at], { within: text });
    }
    for (const { at, ...issue } of checkNeeds(graph.steps, index)) add(issue, [...path, 'needs', at]);
    if (!plugin) continue;
    const declared = declaredTypes.get(step.instance);
    if (declared !== undefined && declared !== plugin.pluginType) {
      const message = `plugin "${plugin.name}" is of type ${plugin.pluginType}, not ${declared}`;
      add({ message, hint: 'the pluginType of a step may be left out' }, [...path, 'pluginType']);
    }
    for (const { at, key, ...issue } of inputIssues(step, plugin)) add(issue, [...path, ...at], { key });
  }
  if (issues.length > 0) throw flowFault(issues, unlocated);
  return planned.flatMap(({ step, plugin }) => (plugin ? [{ step, plugin }] : []));
}

function limitReferences(steps: readonly StepSpec[], place: ParsedGraph['place']): void {
  let count = 0;
  for (const { instance, input } of steps) {
    const { references, malformed } = findReferences(input);
    count += references.length + malformed.length;
    if (count <= max.references) continue;
    const message = `the flow exceeds the limit of ${max.references} references`;
    throw flowFault([{ message, where: place(['pipeline', instance, 'input'], { key: true }) }]);
  }
}

/** Returns the issues of a step's input, by path in the step. */
function inputIssues(step: StepSpec, plugin: Plugin): InputIssue[] {
  try {
    return checkInput(step.input, plugin.inputSchema).map(({ at, ...issue }) => ({
      ...issue,
      at: ['input', ...at],
    }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the input schema of plugin ${plugin.name} ${plugin.version} cannot be used: ${reason}`;
    return [{ message, at: ['plugin'], hint: 'fix the plugin' }];
  }
}

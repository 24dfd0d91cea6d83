import { isMap } from 'yaml';
import type { Mistake } from '../../model/fault.ts';
import type { FlowGraph } from '../../model/flow.ts';
import type { PluginType } from '../../model/plugin.ts';
import { readYaml, type YamlSource } from '../template/yaml-source.ts';
import { checkShape } from './check-shape.ts';
import { flowFault } from './flow-fault.ts';
import { globalsAsWritten } from './globals-as-written.ts';
import { graphSchema } from './graph-schema.ts';
import { type ReadStep, readSteps } from './read-steps.ts';
import type { ValuePath } from './reference-syntax.ts';
import { tooLarge } from './size.ts';

export interface ParsedGraph {
  graph: FlowGraph;
  /** The type that a step says its plugin has, by instance. */
  declaredTypes: ReadonlyMap<string, PluginType>;
  /** Line and column of a path such as `['pipeline', instance, 'input', 'url']`; see YamlSource. */
  place: YamlSource['place'];
  /** How a number or boolean in a step's input is written in the YAML; undefined for other values. */
  spelling(instance: string, path: ValuePath): string | undefined;
}

/** Far more than people write; the time that the checks take grows with its square. */
const mostSteps = 2000;

/**
 * Reads a flow's YAML. Throws one `flow_invalid` with every mistake of its syntax, or else every mistake of its keys and
 * values, each with line, column and path. The order of the steps is that of the text.
 */
export function parseGraph(text: string): ParsedGraph {
  const source = readYaml(text);
  if (source.mistakes.length > 0) throw flowFault(source.mistakes);
  const mistakes: Mistake[] = [];
  const pairs = isMap(source.document.contents) && source.pairs(source.document.contents);
  if (!pairs) {
    throw flowFault([
      { message: 'a test flow is a map with the keys name, globals and pipeline', where: source.place([]) },
    ]);
  }
  const head = checkShape(graphSchema, headOf(pairs, source), { path: [], place: source.place, mistakes });
  const steps = readPipeline(pairs, source, mistakes);
  if (!head || mistakes.length > 0) throw flowFault(mistakes);
  return {
    graph: { name: head.name ?? undefined, globals: head.globals ?? {}, steps: steps.map(({ step }) => step) },
    declaredTypes: new Map(steps.flatMap(({ step, type }) => (type ? [[step.instance, type]] : []))),
    place: placeOf(source, steps),
    spelling(instance, path) {
      const found = steps.find(({ step }) => step.instance === instance);
      return found && source.spelling(['pipeline', found.key, 'input', ...path]);
    },
  };
}

type Pairs = NonNullable<ReturnType<YamlSource['pairs']>>;

/** The flow's own keys as values. The pipeline is read by its nodes; keys that begin with `x-` are there to hold anchors. */
function headOf(pairs: Pairs, source: YamlSource): Record<string, unknown> {
  const own = [...pairs].filter(([name]) => !name.startsWith('x-'));
  return Object.fromEntries(
    own.map(([name, { value }]) => {
      const aside = name === 'pipeline' || name === 'raw-data';
      if (aside) return [name, undefined];
      const read = source.value(value);
      return [name, name === 'globals' ? globalsAsWritten(read, ['globals'], source) : read];
    }),
  );
}

function readPipeline(pairs: Pairs, source: YamlSource, mistakes: Mistake[]): ReadStep[] {
  const pipeline = source.pairs(pairs.get('pipeline')?.value ?? null);
  if (!pipeline || pipeline.size === 0) {
    const hint = 'write pipeline: and below it, for each step, its name with plugin: and input:';
    mistakes.push({
      message: 'the flow has no pipeline of steps',
      where: source.place(['pipeline'], { key: true }),
      hint,
    });
    return [];
  }
  if (pipeline.size > mostSteps) {
    const message = `the pipeline has ${pipeline.size} steps, more than the ${mostSteps} that are possible`;
    mistakes.push({ message, where: source.place(['pipeline'], { key: true }) });
    return [];
  }
  const steps = readSteps(pipeline, source, mistakes);
  const problem = tooLarge(steps.map(({ step }) => step));
  if (problem) mistakes.push({ message: `the pipeline is too large: ${problem}`, where: source.place(['pipeline']) });
  return steps;
}

/** Finds places by instance name, also where the original's `instanceName` and `name` differ from our keys. */
function placeOf(source: YamlSource, steps: readonly ReadStep[]): YamlSource['place'] {
  const keys = new Map(steps.map(({ step, key, pluginKey }) => [step.instance, { key, pluginKey }]));
  return (path, more) => {
    const [root, instance, field, ...rest] = path;
    const found = root === 'pipeline' ? keys.get(String(instance)) : undefined;
    if (!found) return source.place(path, more);
    const fields = field === undefined ? [] : [field === 'plugin' ? found.pluginKey : field];
    return source.place(['pipeline', found.key, ...fields, ...rest], more);
  };
}

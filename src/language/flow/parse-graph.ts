import { isMap } from 'yaml';
import type { Issue } from '../../model/fault.ts';
import type { FlowGraph } from '../../model/flow.ts';
import type { PluginType } from '../../model/plugin.ts';
import { readYaml, type YamlSource } from '../template/yaml-source.ts';
import { checkShape } from './check-shape.ts';
import { flowFault } from './flow-fault.ts';
import { globalsAsWritten } from './globals-as-written.ts';
import { graphSchema } from './graph-schema.ts';
import { type ParsedStep, parseSteps } from './parse-steps.ts';
import type { ValuePath } from './reference-syntax.ts';
import { findSizeExcess } from './size-limits.ts';

export interface ParsedGraph {
  graph: FlowGraph;
  /** Declared plugin type of each step, by instance. */
  declaredTypes: ReadonlyMap<string, PluginType>;
  /** Returns line and column of a path such as `['pipeline', instance, 'input', 'url']`; see YamlSource. */
  place: YamlSource['place'];
  /** Returns the spelling of a number or boolean in a step's input; undefined for other values. */
  spelling(instance: string, path: ValuePath): string | undefined;
}

/** Safety limit, far above real flows: the checks are quadratic. */
const maxSteps = 2000;

/**
 * Parses a flow's YAML; the steps keep the order of the text. Throws one `flow_invalid` with all issues of its syntax, or
 * else all issues of its keys and values, each with line, column and path.
 */
export function parseGraph(text: string): ParsedGraph {
  const source = readYaml(text);
  if (source.issues.length > 0) throw flowFault(source.issues);
  const issues: Issue[] = [];
  const pairs = isMap(source.document.contents) && source.pairs(source.document.contents);
  if (!pairs) {
    throw flowFault([
      { message: 'a test flow is a map with the keys name, globals and pipeline', where: source.place([]) },
    ]);
  }
  const head = checkShape(graphSchema, headOf(pairs, source), { path: [], place: source.place, issues });
  const steps = readPipeline(pairs, source, issues);
  if (!head || issues.length > 0) throw flowFault(issues);
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

/** Returns the flow's own keys as values. The pipeline is read by its nodes; keys with the prefix `x-` only hold anchors. */
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

function readPipeline(pairs: Pairs, source: YamlSource, issues: Issue[]): ParsedStep[] {
  const pipeline = source.pairs(pairs.get('pipeline')?.value ?? null);
  if (!pipeline || pipeline.size === 0) {
    const hint = 'write pipeline: and below it, for each step, its name with plugin: and input:';
    issues.push({
      message: 'the flow has no pipeline of steps',
      where: source.place(['pipeline'], { key: true }),
      hint,
    });
    return [];
  }
  if (pipeline.size > maxSteps) {
    const message = `the pipeline has ${pipeline.size} steps, which exceeds the limit of ${maxSteps}`;
    issues.push({ message, where: source.place(['pipeline'], { key: true }) });
    return [];
  }
  const steps = parseSteps(pipeline, source, issues);
  const problem = findSizeExcess(steps.map(({ step }) => step));
  if (problem) issues.push({ message: `the pipeline is too large: ${problem}`, where: source.place(['pipeline']) });
  return steps;
}

/** Locates paths by instance name, even where the original's `instanceName` and `name` differ from our keys. */
function placeOf(source: YamlSource, steps: readonly ParsedStep[]): YamlSource['place'] {
  const keys = new Map(steps.map(({ step, key, pluginKey }) => [step.instance, { key, pluginKey }]));
  return (path, more) => {
    const [root, instance, field, ...rest] = path;
    const found = root === 'pipeline' ? keys.get(String(instance)) : undefined;
    if (!found) return source.place(path, more);
    const fields = field === undefined ? [] : [field === 'plugin' ? found.pluginKey : field];
    return source.place(['pipeline', found.key, ...fields, ...rest], more);
  };
}

import { compileSchema } from '../../language/flow/compile-schema.ts';
import { type ParsedGraph, parseGraph } from '../../language/flow/parse-graph.ts';
import { renameGraph } from '../../language/flow/rename-graph.ts';
import { validateGraph } from '../../language/flow/validate-graph.ts';
import { Fault, type Place } from '../../model/fault.ts';
import type { FlowGraph, Globals, StepSpec } from '../../model/flow.ts';
import type { Plugin, PluginDef } from '../../model/plugin.ts';
import { parsePluginYaml } from '../plugins/parse-plugin-yaml.ts';

/** Tells the place that is looked at now, in case that the time is over there. */
export type TellPlace = (where: Place) => void;

/** What is done in threads: all that takes the longer the odder a user's text is. Arguments and results are JSON. */
export const operations = {
  readGraph(_: TellPlace, text: string): FlowGraph {
    return parseGraph(text).graph;
  },
  checkGraph(
    tell: TellPlace,
    text: string,
    plugins: readonly Plugin[],
    globals: Globals,
  ): { globals: Globals; steps: { step: StepSpec; name: string; version: string }[] } {
    const parsed: ParsedGraph = parseGraph(text);
    const steps = validateGraph(parsed, plugins, { globals, tell });
    return {
      globals: parsed.graph.globals,
      steps: steps.map(({ step, plugin: { name, version } }) => ({ step, name, version })),
    };
  },
  /** The graph's own `name:` follows that of its flow; a graph that has another one stays as it is. */
  renameGraph(_: TellPlace, text: string, before: string, after: string): string {
    return parseGraph(text).graph.name === before ? renameGraph(text, after) : text;
  },
  readPluginYaml(_: TellPlace, text: string, file: string): PluginDef {
    return parsePluginYaml(text, file);
  },
  /** Throws `plugin_invalid` for a schema of a plugin that cannot be compiled. */
  checkSchemas(tell: TellPlace, def: Pick<PluginDef, 'inputSchema' | 'outputSchema'>): void {
    for (const name of ['inputSchema', 'outputSchema'] as const) {
      tell({ path: name });
      try {
        compileSchema(def[name]);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Fault('plugin_invalid', `${name} is no JSON Schema: ${reason.slice(0, 1000)}`, {
          where: { path: name },
        });
      }
    }
  },
};
export type Operations = typeof operations;

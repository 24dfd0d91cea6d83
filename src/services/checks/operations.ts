import { compileSchema } from '../../language/flow/compile-schema.ts';
import { type ParsedGraph, parseGraph } from '../../language/flow/parse-graph.ts';
import { renameGraph } from '../../language/flow/rename-graph.ts';
import { validateGraph } from '../../language/flow/validate-graph.ts';
import { Fault, type Place } from '../../model/fault.ts';
import type { FlowGraph, Globals, StepSpec } from '../../model/flow.ts';
import type { Plugin, PluginDef } from '../../model/plugin.ts';
import { parsePluginYaml } from '../plugins/parse-plugin-yaml.ts';

/** Reports the place that is being checked, so that an exceeded limit can name it. */
export type ReportPlace = (where: Place) => void;

/** Operations that run in worker threads, as their cost depends on a user's text. Arguments and results are JSON. */
export const operations = {
  readGraph(_: ReportPlace, text: string): FlowGraph {
    return parseGraph(text).graph;
  },
  checkGraph(
    tell: ReportPlace,
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
  /** Renames a graph whose own `name:` equals the old name of its flow; returns any other graph unchanged. */
  renameGraph(_: ReportPlace, text: string, before: string, after: string): string {
    return parseGraph(text).graph.name === before ? renameGraph(text, after) : text;
  },
  readPluginYaml(_: ReportPlace, text: string, file: string): PluginDef {
    return parsePluginYaml(text, file);
  },
  /** Throws `plugin_invalid` for a schema of a plugin that cannot be compiled. */
  checkSchemas(tell: ReportPlace, def: Pick<PluginDef, 'inputSchema' | 'outputSchema'>): void {
    for (const name of ['inputSchema', 'outputSchema'] as const) {
      tell({ path: name });
      try {
        compileSchema(def[name]);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Fault('plugin_invalid', `${name} is not a valid JSON Schema: ${reason.slice(0, 1000)}`, {
          where: { path: name },
        });
      }
    }
  },
};
export type Operations = typeof operations;

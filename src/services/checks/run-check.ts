import { findSchemaExcess } from '../../language/flow/schema-limits.ts';
import { Fault, type FaultCode } from '../../model/fault.ts';
import type { FlowGraph, Globals, StepSpec } from '../../model/flow.ts';
import type { Plugin, PluginDef } from '../../model/plugin.ts';
import type { Operations } from './operations.ts';
import { LimitExceeded, ThreadPool } from './thread-pool.ts';

/** The pool of this process. Two threads, so that one expensive request does not block the others. */
const pool = new ThreadPool(new URL('./check-thread.ts', import.meta.url), {
  threads: 2,
  cpuMs: 10_000,
  wallMs: 120_000,
  memoryMb: 192,
  maxWaiting: 500,
});

/** Starts a thread for checks, so that the first check is as fast as the others. */
export function warmUpChecks(): void {
  pool.warmUp();
}

/** Parses the YAML of a flow in a worker thread. Throws `flow_invalid`, as parseGraph and at a limit. */
export function readGraph(text: string): Promise<FlowGraph> {
  return run('flow_invalid', 'readGraph', text);
}

/**
 * Checks a flow in a worker thread, and returns its steps with their plugins and its own globals. Throws `flow_invalid`
 * with all issues, as validateGraph, or with the place where the check exceeded its limit of time or memory.
 */
export async function checkGraph(
  text: string,
  plugins: readonly Plugin[],
  globals: Globals,
): Promise<{ globals: Globals; steps: { step: StepSpec; plugin: Plugin }[] }> {
  const needed = plugins.map(({ name, version, pluginType, form, inputSchema, outputSchema }) => {
    return { name, version, pluginType, form, inputSchema, outputSchema, description: '', labels: [] };
  });
  const checked = await run('flow_invalid', 'checkGraph', text, needed, globals);
  const steps = checked.steps.flatMap(({ step, name, version }) => {
    const plugin = plugins.find((one) => one.name === name && one.version === version);
    return plugin ? [{ step, plugin }] : [];
  });
  return { globals: checked.globals, steps };
}

/** Renames the YAML of a flow from `before` to `after`, if it has the name `before`. Throws `flow_invalid`. */
export function renameGraph(text: string, before: string, after: string): Promise<string> {
  return run('flow_invalid', 'renameGraph', text, before, after);
}

/** Parses a plugin.yaml in a worker thread. Throws `plugin_invalid`, as parsePluginYaml and at a limit. */
export function readPluginYaml(text: string, file: string): Promise<PluginDef> {
  return run('plugin_invalid', 'readPluginYaml', text, file);
}

/** Compiles the schemas of a plugin. Throws `plugin_invalid` with the reason when one is invalid or too expensive. */
export async function checkSchemas({ inputSchema, outputSchema }: PluginDef): Promise<void> {
  for (const [name, schema] of Object.entries({ inputSchema, outputSchema })) {
    const excess = findSchemaExcess(schema);
    if (excess) throw new Fault('plugin_invalid', `${name}: ${excess}`, { where: { path: name } });
  }
  await run('plugin_invalid', 'checkSchemas', { inputSchema, outputSchema });
}

type Args<K extends keyof Operations> = Parameters<Operations[K]> extends [unknown, ...infer Rest] ? Rest : never;

async function run<K extends keyof Operations>(
  code: FaultCode,
  name: K,
  ...args: Args<K>
): Promise<ReturnType<Operations[K]>> {
  try {
    return (await pool.run({ name, args })) as ReturnType<Operations[K]>;
  } catch (error) {
    if (!(error instanceof LimitExceeded)) throw error;
    const { where } = error;
    const at = where?.line === undefined ? '' : `line ${where.line}, column ${where.column ?? 1}: `;
    const message = `the check ${error.message}`;
    const place = where ?? (code === 'flow_invalid' ? { line: 1, column: 1 } : undefined);
    const hint = 'make the text smaller or its schema simpler';
    const issues = [{ message, hint, where: place }];
    throw new Fault(code, at + message, { where: place, hint, issues, cause: error });
  }
}

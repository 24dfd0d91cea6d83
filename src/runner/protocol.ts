import { isRecord } from '../language/flow/schema.ts';
import { Fault } from '../model/fault.ts';
import { artifactFolder } from './artifacts.ts';
import { OutputTooLarge } from './check-output.ts';
import type { NodeState } from './checkpoint.ts';
import type { StepRun } from './kinds/kind.ts';
import { lastJsonObject } from './last-json.ts';
import { type ProgramEnd, resultLimit } from './run-program.ts';

/** What a plugin gets on its stdin as one line of JSON; docs/guides/plugins.md describes it to authors. */
export interface PluginContext {
  namespace: string;
  testID: string;
  retry: number;
  registry: string;
  /** All as texts: the original's programs take `map[string]string`. */
  global: Record<string, string>;
  /** DSN with `%s` for the name of a database, where the site has a MySQL server. */
  mysqlConnTemplate?: string;
  /** DSN of the test's own database there. */
  mysqlDSN?: string;
  /** Input and output of the steps so far; the current one has its input and an empty output. */
  nodes: Record<string, NodeState>;
  /** Instance name of the step that runs. */
  currentContext: string;
  /** Folder whose files are kept once the step has ended. */
  artifacts: string;
}

export function pluginContext({ work, step, input, nodes, directory, mysql }: StepRun): PluginContext {
  return {
    namespace: work.namespace,
    testID: work.testId,
    retry: work.attempt,
    registry: work.registry,
    global: Object.fromEntries(Object.entries(work.globals).map(([name, value]) => [name, String(value)])),
    ...(mysql && { mysqlConnTemplate: mysql.connTemplate, mysqlDSN: mysql.dsn }),
    nodes: { ...nodes, [step.instance]: { input, output: {} } },
    currentContext: step.instance,
    artifacts: artifactFolder(directory, step.instance),
  };
}

/** The environment that programs of plugins run in: the runner's own, without what tunes its Node, and ARTIFACTS. */
export function pluginEnvironment(
  { directory, step }: Pick<StepRun, 'directory' | 'step'>,
  more: Record<string, string> = {},
): NodeJS.ProcessEnv {
  const { NODE_COMPILE_CACHE: _, ...inherited } = process.env;
  return { ...inherited, ARTIFACTS: artifactFolder(directory, step.instance), ...more };
}

/** The output of a program that succeeded: its last JSON object on stdout; nothing printed means no output. */
export function printedObject({ stdout }: ProgramEnd): Record<string, unknown> | undefined {
  const text = stdout.text();
  const found = lastJsonObject(text);
  if (found || !stdout.cut || !text.trimEnd().endsWith('}')) return found;
  throw new OutputTooLarge(`the JSON that it printed last is larger than ${resultLimit / 1024} KB`);
}

/** Throws `step_failed` with exit code and last lines for a program that did not succeed. */
export function checkExit(name: string, { code, signal, stdout, stderr }: ProgramEnd): void {
  if (code === 0) return;
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
  const said = stderr.lastLines(10) || stdout.lastLines(10);
  throw new Fault('step_failed', `${name} ${how}${said && `: ${said}`}`, {
    ...(signal === 'SIGKILL' && { hint: 'the system kills what needs more memory than there is' }),
  });
}

/**
 * A step's output from the object that its plugin returned: a whole context, as the original's plugins return it, has it
 * in `nodes[currentContext].output`, whatever the case of its keys (Go's are `OutPut`); any other object is the output itself.
 */
export function outputOf(returned: Record<string, unknown> | undefined, instance: string): Record<string, unknown> {
  if (!returned) return {};
  const nodes = member(returned, 'nodes');
  if (!isRecord(nodes) || member(returned, 'currentContext') === undefined) return returned;
  const node = nodes[instance];
  const output = isRecord(node) ? (member(node, 'output') ?? {}) : {};
  if (isRecord(output)) return output;
  throw new Fault('step_failed', `the output in the context that the plugin returned is no object`, {
    where: { path: `nodes.${instance}.output` },
  });
}

function member(object: Record<string, unknown>, name: string): unknown {
  return Object.entries(object).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

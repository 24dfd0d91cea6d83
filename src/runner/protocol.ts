import { isRecord } from '../language/flow/schema.ts';
import { Fault } from '../model/fault.ts';
import { artifactFolder } from './artifacts.ts';
import { OutputTooLargeError } from './check-output.ts';
import type { NodeState } from './checkpoint.ts';
import type { StepRun } from './kinds/kind.ts';
import { lastJsonObject } from './last-json.ts';
import { maxResultBytes, type ProgramEnd } from './run-program.ts';

/** Input of a plugin on stdin, one line of JSON; docs/guides/plugins.md describes it for authors. */
export interface PluginContext {
  namespace: string;
  testID: string;
  retry: number;
  registry: string;
  /** Globals as strings: the original's programs read `map[string]string`. */
  global: Record<string, string>;
  /** DSN with `%s` for the name of a database, if the site has a MySQL server. */
  mysqlConnTemplate?: string;
  /** DSN of the test's own database there. */
  mysqlDSN?: string;
  /** Input and output of the steps so far; the current step has its input and an empty output. */
  nodes: Record<string, NodeState>;
  /** Instance name of the step that runs. */
  currentContext: string;
  /** Folder whose files are stored when the step has ended. */
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

/** Returns the environment of plugin programs: the runner's own without settings of its Node, and ARTIFACTS. */
export function pluginEnvironment(
  { directory, step }: Pick<StepRun, 'directory' | 'step'>,
  more: Record<string, string> = {},
): NodeJS.ProcessEnv {
  const { NODE_COMPILE_CACHE: _, ...inherited } = process.env;
  return { ...inherited, ARTIFACTS: artifactFolder(directory, step.instance), ...more };
}

/** Returns the output of a program that succeeded: the last JSON object on stdout, or undefined without one. */
export function parsePrintedObject({ stdout }: ProgramEnd): Record<string, unknown> | undefined {
  const text = stdout.text();
  const found = lastJsonObject(text);
  if (found || !stdout.isCut || !text.trimEnd().endsWith('}')) return found;
  throw new OutputTooLargeError(`the last JSON object on stdout exceeds the limit of ${maxResultBytes / 1024} KB`);
}

/** Throws `step_failed` with the exit code and the last lines when a program failed. */
export function checkExit(name: string, { code, signal, stdout, stderr }: ProgramEnd): void {
  if (code === 0) return;
  const ending = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
  const lastLines = stderr.lastLines(10) || stdout.lastLines(10);
  throw new Fault('step_failed', `${name} ${ending}${lastLines && `: ${lastLines}`}`, {
    ...(signal === 'SIGKILL' && { hint: 'the system kills a process that exceeds the available memory' }),
  });
}

/**
 * Returns a step's output from the object that its plugin returned: a whole context, as the original's plugins return, has it in
 * `nodes[currentContext].output`, with keys in any case (Go's are `OutPut`); any other object is the output itself.
 */
export function outputOf(returned: Record<string, unknown> | undefined, instance: string): Record<string, unknown> {
  if (!returned) return {};
  const nodes = member(returned, 'nodes');
  if (!isRecord(nodes) || member(returned, 'currentContext') === undefined) return returned;
  const node = nodes[instance];
  const output = isRecord(node) ? (member(node, 'output') ?? {}) : {};
  if (isRecord(output)) return output;
  throw new Fault('step_failed', 'the output in the context that the plugin returned is not an object', {
    where: { path: `nodes.${instance}.output` },
  });
}

function member(object: Record<string, unknown>, name: string): unknown {
  return Object.entries(object).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

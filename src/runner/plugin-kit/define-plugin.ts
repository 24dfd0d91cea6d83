import { text } from 'node:stream/consumers';

type Json = Record<string, unknown>;

/** What a plugin says of itself; docs/reference/plugin-yaml.md explains the fields. */
export interface PluginDescription {
  name: string;
  version: `v${number}.${number}.${number}`;
  pluginType: 'Deployer' | 'Exec';
  description?: string;
  /** JSON Schemas of input and output. */
  inputSchema?: Json;
  outputSchema?: Json;
  labels?: string[];
}

/** The run that a plugin is a step of. */
export interface RunContext {
  namespace: string;
  testID: string;
  /** Number of the attempt, from 1. */
  retry: number;
  registry: string;
  global: Record<string, string>;
  /** DSN with `%s` for the name of a database, where the site has a MySQL server; put `testID` into the name. */
  mysqlConnTemplate?: string;
  /** DSN of the test's own database there. */
  mysqlDSN?: string;
  /** Input and output of the steps so far, by instance name. */
  nodes: Record<string, { input: Json; output: Json }>;
  /** Instance name of this step. */
  currentContext: string;
  /** Folder whose files are kept with the task, and read for test cases where they are JUnit files. */
  artifacts: string;
}

export interface PluginProgram<Input, Output> extends PluginDescription {
  /** Does the step's work and returns its output; throws when the step fails. What it prints is the step's log. */
  run(input: Input, context: RunContext): Output | Promise<Output>;
}

/** The main program of a plugin: answers `info`, or runs the step whose context comes on stdin. */
export async function definePlugin<Input extends object, Output extends object>(
  plugin: PluginProgram<Input, Output>,
): Promise<void> {
  const { run, ...description } = plugin;
  if (process.argv[2] === 'info') {
    console.log(JSON.stringify(description));
    return;
  }
  try {
    const context: RunContext = JSON.parse(await text(process.stdin));
    const node = context.nodes[context.currentContext];
    const output = await run(node?.input as Input, context);
    const nodes = { ...context.nodes, [context.currentContext]: { ...node, output } };
    console.log(JSON.stringify({ ...context, nodes }));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

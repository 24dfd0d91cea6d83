import { text } from 'node:stream/consumers';

type Json = Record<string, unknown>;

/** Description of a plugin; docs/reference/plugin-yaml.md explains the fields. */
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

/** The run of which a plugin is a step. */
export interface RunContext {
  namespace: string;
  testID: string;
  /** Number of the attempt, from 1. */
  retry: number;
  registry: string;
  global: Record<string, string>;
  /** DSN with `%s` for the name of a database, if the site has a MySQL server; include `testID` in the name. */
  mysqlConnTemplate?: string;
  /** DSN of the test's own database there. */
  mysqlDSN?: string;
  /** Input and output of the steps so far, by instance name. */
  nodes: Record<string, { input: Json; output: Json }>;
  /** Instance name of this step. */
  currentContext: string;
  /** Folder whose files are stored with the task; JUnit files in it are read for test cases. */
  artifacts: string;
}

export interface PluginProgram<Input, Output> extends PluginDescription {
  /** Runs the step and returns its output; throws when the step fails. Printed text is the step's log. */
  run(input: Input, context: RunContext): Output | Promise<Output>;
}

/** Runs the main program of a plugin: prints the description for `info`, or runs the step with the context from stdin. */
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

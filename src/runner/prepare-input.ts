import { resolveInput } from '../language/flow/references.ts';
import { Fault } from '../model/fault.ts';
import { checkSchema } from './json-schema.ts';
import type { StepRun } from './kinds/kind.ts';

/**
 * Prepares a step's input for its plugin: resolves references, fills in the schema's defaults, and adds codeVersion (the built
 * commit, or the requested version) and instanceName. Throws `input_invalid` with the path of the issue.
 */
export async function prepareInput({
  work,
  step,
  nodes,
  secrets,
}: Pick<StepRun, 'work' | 'step' | 'nodes' | 'secrets'>): Promise<Record<string, unknown>> {
  const { inputSchema } = step.def;
  const injected: Record<string, unknown> = {
    codeVersion: work.commits[step.plugin] ?? work.versions[step.plugin] ?? '',
    instanceName: step.instance,
  };
  const resolved = resolveInput(step.input, { nodes, globals: work.globals, secrets }, inputSchema);
  // Added values must not violate a schema that allows only its own properties.
  const declared = Object.keys((inputSchema.properties as object | undefined) ?? {});
  const known = Object.entries(injected).filter(([name]) => declared.includes(name));
  const input = { ...resolved, ...Object.fromEntries(known) };
  const issue = await checkSchema(input, inputSchema);
  if (issue) {
    const path = `input${issue.path}`;
    throw new Fault('input_invalid', `${path} ${issue.message}`, {
      where: { path },
      hint: `see the input of plugin ${step.plugin} ${step.def.version}`,
    });
  }
  return { ...input, ...injected };
}

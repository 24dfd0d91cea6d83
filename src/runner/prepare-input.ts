import { resolveInput } from '../language/flow/references.ts';
import { Fault } from '../model/fault.ts';
import { checkSchema } from './json-schema.ts';
import type { StepRun } from './kinds/kind.ts';

/**
 * A step's input as its plugin gets it: references resolved, the schema's defaults filled in, codeVersion (the commit that
 * was built, or the wanted version) and instanceName added. Throws `input_invalid` with the path of the mistake.
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
  // A schema that allows only what it names is not broken by what is added here.
  const declared = Object.keys((inputSchema.properties as object | undefined) ?? {});
  const known = Object.entries(injected).filter(([name]) => declared.includes(name));
  const input = { ...resolved, ...Object.fromEntries(known) };
  const mistake = await checkSchema(input, inputSchema);
  if (mistake) {
    const path = `input${mistake.path}`;
    throw new Fault('input_invalid', `${path} ${mistake.message}`, {
      where: { path },
      hint: `see the input of plugin ${step.plugin} ${step.def.version}`,
    });
  }
  return { ...input, ...injected };
}

import { Fault } from '../model/fault.ts';
import type { WorkStep } from '../model/work.ts';
import { checkSchema } from './json-schema.ts';

const limit = 64 * 1024;

/** An output that is too large to be kept: it fails a step only where a later one refers to it. */
export class OutputTooLarge extends Fault {
  constructor(message: string) {
    super('step_failed', message, {
      hint: 'print large data to the log, and return only what later steps refer to',
    });
  }
}

/** Refuses an output that is too large to be kept (OutputTooLarge) or that breaks the plugin's own schema, naming the path. */
export async function checkOutput(step: WorkStep, output: Record<string, unknown>): Promise<void> {
  const size = Buffer.byteLength(JSON.stringify(output));
  if (size > limit) {
    throw new OutputTooLarge(`the output is ${Math.ceil(size / 1024)} KB of JSON, more than the 64 KB allowed`);
  }
  const mistake = await checkSchema(output, step.def.outputSchema);
  if (!mistake) return;
  const path = `output${mistake.path}`;
  throw new Fault('step_failed', `${path} ${mistake.message}`, {
    where: { path },
    hint: `plugin ${step.plugin} ${step.def.version} returned what its outputSchema does not allow`,
  });
}

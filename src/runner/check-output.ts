import { Fault } from '../model/fault.ts';
import type { WorkStep } from '../model/work.ts';
import { checkSchema } from './json-schema.ts';

const maxOutputBytes = 64 * 1024;

/** Fault for an output that is too large: it fails a step only when a later step refers to the output. */
export class OutputTooLargeError extends Fault {
  constructor(message: string) {
    super('step_failed', message, {
      hint: 'print large data to the log, and return only the values that later steps refer to',
    });
  }
}

/** Checks an output. Throws OutputTooLargeError, or `step_failed` with the path of a violation of the plugin's schema. */
export async function checkOutput(step: WorkStep, output: Record<string, unknown>): Promise<void> {
  const sizeBytes = Buffer.byteLength(JSON.stringify(output));
  if (sizeBytes > maxOutputBytes) {
    throw new OutputTooLargeError(`the output of ${Math.ceil(sizeBytes / 1024)} KB of JSON exceeds the limit of 64 KB`);
  }
  const issue = await checkSchema(output, step.def.outputSchema);
  if (!issue) return;
  const path = `output${issue.path}`;
  throw new Fault('step_failed', `${path} ${issue.message}`, {
    where: { path },
    hint: `plugin ${step.plugin} ${step.def.version} returned an output that violates its outputSchema`,
  });
}

import { Fault } from '../../model/fault.ts';
import type { StepKind } from './kind.ts';

/** Returns the globals of the run. Throws `step_failed` with the names of missing required globals. */
export const testEnv: StepKind = async ({ work, input, output }) => {
  const { required } = input as { required: string[] };
  const missing = required.filter((name) => !Object.hasOwn(work.globals, name));
  if (missing.length > 0) {
    const known = Object.keys(work.globals).join(', ') || 'none';
    throw new Fault('step_failed', `missing globals: ${missing.join(', ')}`, {
      where: { path: 'input.required' },
      hint: `set them in the test flow, the job or this run; available globals: ${known}`,
    });
  }
  await output.print(`globals: ${Object.keys(work.globals).join(', ')}`);
  return { ...work.globals };
};

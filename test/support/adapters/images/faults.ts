import { Fault } from '../../../../src/model/fault.ts';

/** Returns the fault of a rejected promise; any other result fails the test. */
export async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const error = await work.then(
    (value) => new Error(`no fault, but ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof Fault) return error;
  throw error;
}

import { Fault } from '../../../../src/model/fault.ts';

/** The fault that a promise ends in; anything else fails the test. */
export async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const error = await work.then(
    (value) => new Error(`no fault, but ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof Fault) return error;
  throw error;
}

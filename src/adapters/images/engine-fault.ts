import { Fault } from '../../model/fault.ts';

/** Returns the HTTP status of the engine's response; undefined when it did not answer. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** Creates the fault `engine_unavailable`: the engine does not answer or has an internal error. */
export function engineFault(operation: string, error: unknown): Fault {
  const reason = error instanceof Error ? error.message.trim() : String(error);
  return new Fault('engine_unavailable', `the Docker engine failed at ${operation}: ${reason}`, {
    hint: 'Check that the engine runs and that DOCKER_HOST or its socket is accessible.',
    cause: error,
  });
}

import { Fault } from '../../model/fault.ts';

/** HTTP status of an answer of the engine; undefined when it did not answer. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** The engine does not answer, or fails by itself. */
export function engineFault(doing: string, error: unknown): Fault {
  const said = error instanceof Error ? error.message.trim() : String(error);
  return new Fault('engine_unavailable', `the Docker engine failed at ${doing}: ${said}`, {
    hint: 'Check that the engine runs and that DOCKER_HOST or its socket can be used.',
    cause: error,
  });
}

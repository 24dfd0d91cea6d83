/**
 * Lines that were already read are no longer in the engine's log, so later lines may be lost. Reading again from the stored
 * position returns the remaining lines.
 */
export class LogTruncatedError extends Error {
  override name = 'LogTruncatedError';
}

/** The engine still lists a container whose log is gone. */
export class LogLostError extends Error {
  override name = 'LogLostError';
}

/**
 * Lines that were read are not in the engine's log any more, so what came after them may be lost. Who asks again from where
 * it is stored gets what is left.
 */
export class LogCut extends Error {
  override name = 'LogCut';
}

/** The engine has no log any more of a container that it still tells of. */
export class LogLost extends Error {
  override name = 'LogLost';
}

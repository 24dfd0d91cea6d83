import { Fault } from './fault.ts';

/** Messages of permanent failures: image missing, access denied, invalid name. */
const permanentFailure =
  /manifest unknown|not found|does not exist|unauthorized|authentication required|no basic auth|denied|forbidden|\b40[0134]\b|invalid (reference|repository|tag|namespace|registry)|could not parse|must be lowercase|no matching manifest|does not match the (specified|detected) platform|x509|HTTP response to HTTPS client|unsupported (media|manifest)/i;

/** Returns true when the error message of a pull may be transient, so that a retry may help. */
export function isTransientPullFailure(reason: string): boolean {
  return !permanentFailure.test(reason);
}

/**
 * Returns the fault of a failed pull: `image_missing` for a permanent failure, else `registry_refused`, which is retried.
 * `subject` names the image, `hint` is for a permanent failure.
 */
export function pullFault(subject: string, reason: string, hint: string, cause?: unknown): Fault {
  const message = `${subject} cannot be pulled: ${reason.trim()}`;
  if (!isTransientPullFailure(reason)) return new Fault('image_missing', message, { hint, cause });
  return new Fault('registry_refused', message, {
    hint: 'check that its registry answers, and that the engine can reach it',
    cause,
  });
}

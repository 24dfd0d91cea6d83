import { Fault } from './fault.ts';

/** What no later try would change: there is no such image, it is not for us, or its name is none. */
const hopeless =
  /manifest unknown|not found|does not exist|unauthorized|authentication required|no basic auth|denied|forbidden|\b40[0134]\b|invalid (reference|repository|tag|namespace|registry)|could not parse|must be lowercase|no matching manifest|does not match the (specified|detected) platform|x509|HTTP response to HTTPS client|unsupported (media|manifest)/i;

/** True unless what a pull failed with says that another try would fail too. */
export function isPassing(reason: string): boolean {
  return !hopeless.test(reason);
}

/**
 * The fault of a failed pull: `image_missing`, or `registry_refused`, which is tried again, where the registry is away, fails or is
 * busy. `subject` is what cannot be pulled, `hint` what to do where it cannot be at all.
 */
export function pullFault(subject: string, reason: string, hint: string, cause?: unknown): Fault {
  const message = `${subject} cannot be pulled: ${reason.trim()}`;
  if (!isPassing(reason)) return new Fault('image_missing', message, { hint, cause });
  return new Fault('registry_refused', message, {
    hint: 'see that its registry answers, and that the engine can reach it',
    cause,
  });
}

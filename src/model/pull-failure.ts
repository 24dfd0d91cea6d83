/**
 * What registries and engines say of a pull that no later one would mend: not there, not allowed, no possible name, not for
 * this machine. Everything else passes or may: 429, 5xx, a refused connection, a name server that is away, a certificate.
 */
const hopeless = [
  /manifest unknown|name unknown|manifest for \S+ not found|repository \S+ not found|no such image/i,
  /: not found\b|404 not found|code = NotFound/i,
  /does not exist or may require|unauthorized|authentication required|authorization failed|insufficient_scope/i,
  /access (?:to the requested resource )?(?:is )?(?:denied|forbidden)|\bdenied:|40[13] (?:unauthorized|forbidden)|no basic auth credentials/i,
  /invalid reference format|InvalidImageName|could not parse image|couldn't parse image|must be lowercase/i,
  /no match(?:ing manifest)? for (?:linux|windows|platform)/i,
];

/** True when a pull that failed with this message would fail again; false when it is worth waiting for. */
export function isHopelessPull(message: string): boolean {
  return hopeless.some((pattern) => pattern.test(message));
}

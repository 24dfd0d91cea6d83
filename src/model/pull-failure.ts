/**
 * Messages of registries and engines for permanent failures: image missing, access denied, invalid name, wrong platform.
 * All others may be transient: 429, 5xx, a refused connection, an unavailable name server, a certificate.
 */
const permanentFailures = [
  /manifest unknown|name unknown|manifest for \S+ not found|repository \S+ not found|no such image/i,
  /: not found\b|404 not found|code = NotFound/i,
  /does not exist or may require|unauthorized|authentication required|authorization failed|insufficient_scope/i,
  /access (?:to the requested resource )?(?:is )?(?:denied|forbidden)|\bdenied:|40[13] (?:unauthorized|forbidden)|no basic auth credentials/i,
  /invalid reference format|InvalidImageName|could not parse image|couldn't parse image|must be lowercase/i,
  /no match(?:ing manifest)? for (?:linux|windows|platform)/i,
];

/** Returns true when a pull with this error message would fail again; false when a retry may help. */
export function isPermanentPullFailure(message: string): boolean {
  return permanentFailures.some((pattern) => pattern.test(message));
}

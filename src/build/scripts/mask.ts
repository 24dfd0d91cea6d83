/** Shorter ones would hide half of a log, and protect nothing. */
const shortest = 4;

/** Replaces every secret in a text by `***`, also as a URL and as the header of Basic authentication carry it. */
export type Mask = (text: string) => string;

export function createMask(secrets: readonly string[]): Mask {
  const forms = secrets
    .filter((secret) => secret.length >= shortest)
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      Buffer.from(`x-access-token:${secret}`).toString('base64'),
      Buffer.from(secret).toString('base64'),
    ]);
  // The longest first: one secret may be the beginning of another.
  const unique = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => unique.reduce((masked, form) => masked.replaceAll(form, '***'), text);
}

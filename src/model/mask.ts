/** Replaces secrets in a text. */
export type Mask = (text: string) => string;

/** Minimum length of a secret that can be masked, in characters: a shorter one would hide ordinary words. */
export const minMaskableLength = 4;
const hidden = '***';

/**
 * Creates a mask that hides each line of the secrets, as plain text and as encoded in JSON, URLs (RFC 3986) and base64. Logs
 * are masked line by line, so a secret of several lines is hidden by its single lines.
 */
export function createMask(secrets: readonly string[]): Mask {
  const forms = secrets
    .flatMap((secret) => [...secret.split(/\r?\n/).map((line) => line.trim()), Buffer.from(secret).toString('base64')])
    .flatMap((text) => [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)])
    .filter(({ length }) => length >= minMaskableLength);
  if (forms.length === 0) return (text) => text;
  // Longest first: one form may be the beginning of another.
  const sorted = [...new Set(forms)].sort((one, other) => other.length - one.length);
  const pattern = new RegExp(sorted.map((form) => RegExp.escape(form)).join('|'), 'g');
  return (text) => text.replace(pattern, hidden);
}

/** Masks secrets in the strings, numbers and keys of a JSON value; `onHidden` gets the path of each masked value. */
export function maskJson(
  value: unknown,
  mask: Mask,
  onHidden: (path: string[]) => void = () => undefined,
  path: string[] = [],
): unknown {
  if (typeof value === 'string' || typeof value === 'number') {
    const text = String(value);
    const masked = mask(text);
    if (masked === text) return value;
    onHidden(path);
    return masked;
  }
  if (typeof value !== 'object' || value === null) return value;
  const below = ([key, one]: [string, unknown]): [string, unknown] => {
    return [mask(key), maskJson(one, mask, onHidden, [...path, key])];
  };
  const members = Object.entries(value).map(below);
  return Array.isArray(value) ? members.map(([, one]) => one) : Object.fromEntries(members);
}

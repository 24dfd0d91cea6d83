/** Replaces what must not be seen in a text. */
export type Mask = (text: string) => string;

/** Characters below which a secret cannot be masked: it would hide every second word. */
export const shortestSecret = 4;
const hidden = '***';

/**
 * Hides secrets in texts: each of their lines as it is, and as JSON, URLs (RFC 3986) and base64 have it. Logs are masked
 * line by line, so that a secret of several lines is known by each of its own.
 */
export function createMask(secrets: readonly string[]): Mask {
  const forms = secrets
    .flatMap((secret) => [...secret.split(/\r?\n/).map((line) => line.trim()), Buffer.from(secret).toString('base64')])
    .flatMap((text) => [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)])
    .filter(({ length }) => length >= shortestSecret);
  if (forms.length === 0) return (text) => text;
  // The longest first: one may be the beginning of another.
  const sorted = [...new Set(forms)].sort((one, other) => other.length - one.length);
  const pattern = new RegExp(sorted.map((form) => RegExp.escape(form)).join('|'), 'g');
  return (text) => text.replace(pattern, hidden);
}

/** A value of JSON without secrets in its texts, numbers and keys; `onHidden` gets the path of each value that had one. */
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

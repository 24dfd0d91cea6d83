import { isScalar } from 'yaml';

/** Returns the written text of a map's key: `1` and `01` are different keys. */
export function keyText(key: unknown): string {
  if (!isScalar(key)) return String(key);
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

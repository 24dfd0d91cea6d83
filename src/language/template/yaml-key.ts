import { isScalar } from 'yaml';

/** The text of a map's key, as it is written: `1` and `01` are different names. */
export function keyText(key: unknown): string {
  if (!isScalar(key)) return String(key);
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

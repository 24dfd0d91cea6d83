import type { YamlPath, YamlSource } from '../template/yaml-source.ts';
import { isRecord } from './schema.ts';

/**
 * Returns the globals at a path of a YAML text. Keeps the spelling of a number or boolean that would be written differently
 * (`1.10`, `0x1F`, `1e3`), because globals are mostly inserted into texts; where a number is expected, it is converted.
 */
export function globalsAsWritten(
  globals: unknown,
  path: YamlPath,
  { spelling }: Pick<YamlSource, 'spelling'>,
): unknown {
  if (!isRecord(globals)) return globals;
  return Object.fromEntries(
    Object.entries(globals).map(([name, value]) => {
      if (typeof value !== 'number' && typeof value !== 'boolean') return [name, value];
      const written = spelling([...path, name]);
      return [name, written === undefined || written === String(value) ? value : written];
    }),
  );
}

import type { YamlPath, YamlSource } from '../template/yaml-source.ts';
import { isRecord } from './schema.ts';

/**
 * Returns the globals at a path of a YAML text. A number or boolean that would read differently when it is written again
 * (`1.10`, `0x1F`, `1e3`) is the text that it is: a global is mostly put into texts, and where a number is wanted it
 * becomes one all the same.
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

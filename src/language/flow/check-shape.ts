import { z } from 'zod';
import type { Mistake } from '../../model/fault.ts';
import type { YamlPath, YamlSource } from '../template/yaml-source.ts';
import { hintFor } from './nearest.ts';

/** More of one value help nobody. */
const mostIssues = 100;

/** The value if the schema takes it; otherwise undefined, and a mistake for each key or value that is wrong. */
export function checkShape<T extends z.ZodObject>(
  schema: T,
  value: unknown,
  at: { path: YamlPath; place: YamlSource['place']; mistakes: Mistake[] },
): z.infer<T> | undefined {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues.slice(0, mostIssues)) {
    const path = [...at.path, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, issue.path);
      for (const key of issue.keys.slice(0, mostIssues)) {
        at.mistakes.push({
          message: `unknown key "${key}"`,
          where: at.place([...path, key], { key: true }),
          hint: hintFor(key, known, 'known keys'),
        });
      }
    } else {
      const problem = issue.message.replace(/^Invalid input: /, '');
      at.mistakes.push({ message: `${z.core.toDotPath(path)}: ${problem}`, where: at.place(path) });
    }
  }
  return undefined;
}

/** The keys that the object at a path inside a schema may have. */
function keysAt(schema: z.ZodObject, path: readonly PropertyKey[]): string[] {
  let found: unknown = schema;
  for (const key of path) {
    found = found instanceof z.ZodObject ? found.shape[String(key)] : undefined;
    while (found instanceof z.ZodOptional || found instanceof z.ZodDefault) found = found.unwrap();
  }
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

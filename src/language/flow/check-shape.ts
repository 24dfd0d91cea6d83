import { z } from 'zod';
import type { Issue } from '../../model/fault.ts';
import type { YamlPath, YamlSource } from '../template/yaml-source.ts';
import { hintFor } from './closest-match.ts';

/** Maximum number of reported issues of a value. */
const maxIssues = 100;

/** Returns the value if it fits the schema; otherwise undefined, and adds an issue for each invalid key or value. */
export function checkShape<T extends z.ZodObject>(
  schema: T,
  value: unknown,
  at: { path: YamlPath; place: YamlSource['place']; issues: Issue[] },
): z.infer<T> | undefined {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues.slice(0, maxIssues)) {
    const path = [...at.path, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, issue.path);
      for (const key of issue.keys.slice(0, maxIssues)) {
        at.issues.push({
          message: `unknown key "${key}"`,
          where: at.place([...path, key], { key: true }),
          hint: hintFor(key, known, 'known keys'),
        });
      }
    } else {
      const problem = issue.message.replace(/^Invalid input: /, '');
      at.issues.push({ message: `${z.core.toDotPath(path)}: ${problem}`, where: at.place(path) });
    }
  }
  return undefined;
}

/** Returns the keys of the object at a path inside a schema. */
function keysAt(schema: z.ZodObject, path: readonly PropertyKey[]): string[] {
  let found: unknown = schema;
  for (const key of path) {
    found = found instanceof z.ZodObject ? found.shape[String(key)] : undefined;
    while (found instanceof z.ZodOptional || found instanceof z.ZodDefault) found = found.unwrap();
  }
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

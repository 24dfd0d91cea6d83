import type { ZodError } from 'zod';
import { z } from 'zod';
import { Fault, type Mistake } from '../../../model/fault.ts';

/** More help nobody, and would make an answer of many megabytes. */
const mostMistakes = 100;

/** What the validators found, as one fault with every mistake. Throws `invalid_request`. */
export function refuseInvalid(result: { success: true } | { success: false; error: ZodError }): void {
  if (result.success) return;
  const mistakes = result.error.issues.slice(0, mostMistakes).flatMap(toMistakes).slice(0, mostMistakes);
  const [first] = mistakes;
  const more = mistakes.length > 1 ? ` (and ${mistakes.length - 1} more)` : '';
  const path = first?.where?.path ? `${first.where.path}: ` : '';
  throw new Fault('invalid_request', `${path}${first?.message}${more}`, { where: first?.where, mistakes });
}

function toMistakes(issue: z.core.$ZodIssue): Mistake[] {
  if (issue.code !== 'unrecognized_keys') return [{ message: issue.message, where: place(issue.path) }];
  return issue.keys.map((key) => ({ message: `unknown key ${key}`, where: place([...issue.path, key]) }));
}

function place(path: readonly PropertyKey[]): { path: string } {
  // A name alone is clear as it is: `idempotency-key`, not `["idempotency-key"]`.
  return { path: path.length === 1 ? String(path[0]) : z.core.toDotPath(path) };
}

import type { ZodError } from 'zod';
import { z } from 'zod';
import { Fault, type Issue } from '../../../model/fault.ts';

/** More would make a response of many megabytes. */
const maxIssues = 100;

/** Throws `invalid_request` with all issues of the validator. */
export function refuseInvalid(result: { success: true } | { success: false; error: ZodError }): void {
  if (result.success) return;
  const issues = result.error.issues.slice(0, maxIssues).flatMap(toIssues).slice(0, maxIssues);
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  const path = first?.where?.path ? `${first.where.path}: ` : '';
  throw new Fault('invalid_request', `${path}${first?.message}${more}`, { where: first?.where, issues });
}

function toIssues(issue: z.core.$ZodIssue): Issue[] {
  if (issue.code !== 'unrecognized_keys') return [{ message: issue.message, where: place(issue.path) }];
  return issue.keys.map((key) => ({ message: `unknown key ${key}`, where: place([...issue.path, key]) }));
}

function place(path: readonly PropertyKey[]): { path: string } {
  // A single name stays as it is: `idempotency-key`, not `["idempotency-key"]`.
  return { path: path.length === 1 ? String(path[0]) : z.core.toDotPath(path) };
}

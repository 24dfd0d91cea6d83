import { Fault, type Issue } from '../../model/fault.ts';

/** Returns the fault that a check throws as an issue at a path of the request, or no issue. */
export function collectIssues(check: () => unknown, path: string): Issue[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return [{ message: error.message, where: { path }, hint: error.hint }];
  }
}

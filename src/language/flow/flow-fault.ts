import { Fault, type Issue } from '../../model/fault.ts';

/** Maximum number of issues in a response, which would otherwise have many megabytes. */
const maxIssues = 100;

/**
 * Returns one `flow_invalid` fault for the first hundred issues, in the order of the text, with the message and location of
 * the first. `unlocated` is the number of further issues without a location.
 */
export function flowFault(found: readonly Issue[], unlocated = 0): Fault {
  const issues = found.toSorted((one, other) => rank(one) - rank(other));
  const [first] = issues;
  const { line, column } = first?.where ?? {};
  const others = issues.length - 1 + unlocated;
  const more = others > 0 ? ` (and ${others} more)` : '';
  return new Fault('flow_invalid', `line ${line ?? 1}, column ${column ?? 1}: ${first?.message}${more}`, {
    where: first?.where,
    hint: first?.hint,
    issues: issues.slice(0, maxIssues),
  });
}

function rank({ where }: Issue): number {
  return (where?.line ?? 0) * 1e6 + (where?.column ?? 0);
}

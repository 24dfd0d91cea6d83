import { Fault, type Mistake } from '../model/fault.ts';

/** One `flow_invalid` fault of all mistakes, in the order of the text; its message and place are the first one's. */
export function flowFault(found: readonly Mistake[]): Fault {
  const mistakes = found.toSorted((one, other) => rank(one) - rank(other));
  const [first] = mistakes;
  const { line, column } = first?.where ?? {};
  const more = mistakes.length > 1 ? ` (and ${mistakes.length - 1} more)` : '';
  return new Fault('flow_invalid', `line ${line ?? 1}, column ${column ?? 1}: ${first?.message}${more}`, {
    where: first?.where,
    hint: first?.hint,
    mistakes,
  });
}

function rank({ where }: Mistake): number {
  return (where?.line ?? 0) * 1e6 + (where?.column ?? 0);
}

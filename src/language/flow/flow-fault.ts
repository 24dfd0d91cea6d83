import { Fault, type Mistake } from '../../model/fault.ts';

/** More help nobody, and would make an answer of many megabytes. */
const mostMistakes = 100;

/**
 * One `flow_invalid` fault of all mistakes, in the order of the text, without those beyond the first hundred; its message
 * and place are the first one's. `untold` more were found whose places were not looked for.
 */
export function flowFault(found: readonly Mistake[], untold = 0): Fault {
  const mistakes = found.toSorted((one, other) => rank(one) - rank(other));
  const [first] = mistakes;
  const { line, column } = first?.where ?? {};
  const others = mistakes.length - 1 + untold;
  const more = others > 0 ? ` (and ${others} more)` : '';
  return new Fault('flow_invalid', `line ${line ?? 1}, column ${column ?? 1}: ${first?.message}${more}`, {
    where: first?.where,
    hint: first?.hint,
    mistakes: mistakes.slice(0, mostMistakes),
  });
}

function rank({ where }: Mistake): number {
  return (where?.line ?? 0) * 1e6 + (where?.column ?? 0);
}

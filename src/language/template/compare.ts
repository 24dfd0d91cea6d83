import { compareText, type Kind, kindOf, numberOf, typeName } from './values.ts';

/** Implements Go's `eq`: true when the first argument equals one of the others. Throws TypeError for incomparable types. */
export function equals(first: unknown, others: readonly unknown[]): boolean {
  return others.some((other) => {
    const [one, two] = [kindOf(first), kindOf(other)];
    if (one === 'nil' || two === 'nil') return one === two;
    if (one !== two) throw new TypeError('incompatible types for comparison');
    if (one === 'slice' || one === 'map') throw new TypeError(`a ${typeName(first)} cannot be compared`);
    return one === 'float' ? numberOf(first) === numberOf(other) : first === other;
  });
}

const ordered: readonly Kind[] = ['int', 'float', 'string'];

/** Implements Go's `lt`, for numbers of one kind and for strings. Throws TypeError for other types. */
export function less(one: unknown, other: unknown): boolean {
  for (const value of [one, other]) {
    if (!ordered.includes(kindOf(value))) throw new TypeError(`invalid type for comparison: ${typeName(value)}`);
  }
  if (kindOf(one) !== kindOf(other)) throw new TypeError('incompatible types for comparison');
  return typeof one === 'string' ? compareText(one, String(other)) < 0 : numberOf(one) < numberOf(other);
}

import { Fault } from '../../model/fault.ts';
import { compilePattern } from '../../model/pattern.ts';
import { printable } from '../../model/plain-text.ts';

export interface Comparison {
  matched: boolean;
  /** As a part of a sentence: `base branch "main" matches ^main$`. */
  says: string;
}

/** Compares a value with a rule's pattern. One that is no regular expression, on record from before, matches nothing. */
export function compare(what: string, value: string, pattern: string): Comparison {
  try {
    const matched = compilePattern(pattern)(value);
    return { matched, says: `${what} "${printable(value)}" ${matched ? 'matches' : 'does not match'} ${pattern}` };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { matched: false, says: `${what} cannot be compared: ${error.message}` };
  }
}

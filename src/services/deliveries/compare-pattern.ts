import { Fault } from '../../model/fault.ts';
import { compilePattern } from '../../model/pattern.ts';
import { printable } from '../../model/plain-text.ts';

export interface Comparison {
  matched: boolean;
  /** Part of a sentence: `base branch "main" matches ^main$`. */
  text: string;
}

/** Compares a value with the pattern of a rule. An invalid pattern of an earlier release matches nothing. */
export function comparePattern(label: string, value: string, pattern: string): Comparison {
  try {
    const matched = compilePattern(pattern)(value);
    return { matched, text: `${label} "${printable(value)}" ${matched ? 'matches' : 'does not match'} ${pattern}` };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { matched: false, text: `${label} cannot be compared: ${error.message}` };
  }
}

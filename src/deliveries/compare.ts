import { RE2JS, RE2JSException } from 're2js';

export interface Comparison {
  matched: boolean;
  /** As a part of a sentence: `base branch "main" matches ^main$`. */
  says: string;
}

/**
 * Compares a value with a rule's pattern: a regular expression in RE2's syntax, which matches anywhere unless it says ^
 * and $, as Go's MatchString, in time linear in the value. One that is no regular expression matches nothing.
 */
export function compare(what: string, value: string, pattern: string): Comparison {
  try {
    const matched = RE2JS.compile(pattern).test(value);
    return { matched, says: `${what} "${value}" ${matched ? 'matches' : 'does not match'} ${pattern}` };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return { matched: false, says: `${what} cannot be compared with ${pattern}: ${error.message}` };
  }
}

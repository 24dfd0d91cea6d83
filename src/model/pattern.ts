import { RE2JS } from 're2js';
import { Fault } from './fault.ts';

/**
 * Compiles a rule's regular expression in RE2 syntax, as in Go: it takes linear time, and matches anywhere in a text unless
 * anchored by `^` and `$`. Throws `input_invalid` with the reason.
 */
export function compilePattern(pattern: string): (text: string) => boolean {
  try {
    const compiled = RE2JS.compile(pattern);
    return (text) => compiled.matcher(text).find();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Fault('input_invalid', `${JSON.stringify(pattern)} is not a valid RE2 regular expression: ${reason}`, {
      hint: 'patterns are in RE2 syntax, as in Go: no look-around and no back-references',
      cause,
    });
  }
}

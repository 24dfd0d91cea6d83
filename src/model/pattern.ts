import { RE2JS } from 're2js';
import { Fault } from './fault.ts';

/**
 * A rule's regular expression in RE2's syntax, which Go's is too: it takes linear time whatever it is given, and matches
 * anywhere in a text unless it says `^` and `$`. Throws `input_invalid` with the reason.
 */
export function compilePattern(pattern: string): (text: string) => boolean {
  try {
    const compiled = RE2JS.compile(pattern);
    return (text) => compiled.matcher(text).find();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Fault('input_invalid', `${JSON.stringify(pattern)} is no regular expression: ${reason}`, {
      hint: 'patterns are in RE2 syntax, as in Go: no look-around and no back-references',
      cause,
    });
  }
}

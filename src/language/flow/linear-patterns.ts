import type { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { RE2JS } from 're2js';

/** Longest text that a format is checked of whose expression RE2 does not have. */
const longestFormatted = 2048;
const longestPattern = 2000;

/**
 * Compiles `pattern` and `patternProperties` of JSON Schemas for ajv (its option `code.regExp`) in RE2, which takes linear
 * time whatever it is given. Throws Error for what RE2 does not have: look-around and back-references.
 */
export const linearRegExp = Object.assign(
  (pattern: string): { test(text: string): boolean; toString(): string } => {
    if (pattern.length > longestPattern) throw new Error(`a pattern has more than ${longestPattern} characters`);
    const compiled = compile(pattern, '');
    // ajv tells patterns apart by their text.
    return { test: (text) => compiled.matcher(text).find(), toString: () => pattern };
  },
  { code: 'linearRegExp' },
);

function compile(pattern: string, flags: string): RE2JS {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern), flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `pattern ${JSON.stringify(pattern)} is not a valid RE2 regular expression: ${reason}`;
    throw new Error(`${message} (RE2 has no look-around and no back-references)`, { cause });
  }
}

/** Adds the formats of ajv-formats, those that are regular expressions in RE2 too, or for short texts only. */
export function addLinearFormats(ajv: Ajv): void {
  formats.default(ajv);
  for (const [name, format] of Object.entries(ajv.formats)) {
    if (!(format instanceof RegExp)) continue;
    const test = linear(format);
    ajv.addFormat(name, { type: 'string', validate: test });
  }
}

function linear(expression: RegExp): (text: string) => boolean {
  try {
    const compiled = compile(expression.source, expression.flags);
    return (text) => compiled.matcher(text).find();
  } catch {
    return (text) => text.length <= longestFormatted && expression.test(text);
  }
}

import type { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { RE2JS } from 're2js';

/** Maximum length of a text that is checked by a format's expression that RE2 does not support. */
const maxFormattedLength = 2048;
const maxPatternLength = 2000;

/**
 * Compiles `pattern` and `patternProperties` of JSON Schemas for ajv (its option `code.regExp`) in RE2, which always takes
 * linear time. Throws Error for unsupported syntax: look-around and back-references.
 */
export const linearRegExp = Object.assign(
  (pattern: string): { test(text: string): boolean; toString(): string } => {
    if (pattern.length > maxPatternLength)
      throw new Error(`a pattern exceeds the limit of ${maxPatternLength} characters`);
    const compiled = compile(pattern, '');
    // ajv identifies patterns by their text.
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

/** Adds the formats of ajv-formats, with regular expressions in RE2, or if RE2 does not support them, only for short texts. */
export function addLinearFormats(ajv: Ajv): void {
  formats.default(ajv);
  for (const [name, format] of Object.entries(ajv.formats)) {
    if (!(format instanceof RegExp)) continue;
    const test = linearTest(format);
    ajv.addFormat(name, { type: 'string', validate: test });
  }
}

function linearTest(expression: RegExp): (text: string) => boolean {
  try {
    const compiled = compile(expression.source, expression.flags);
    return (text) => compiled.matcher(text).find();
  } catch {
    return (text) => text.length <= maxFormattedLength && expression.test(text);
  }
}

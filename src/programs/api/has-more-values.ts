const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBracket = 0x5b;
const openBrace = 0x7b;

/**
 * Returns true when a JSON text has more than `max` values. Counts without parsing, which takes half a second for a million
 * brackets. The count is a lower bound: a text slightly over `max` may pass.
 */
export function hasMoreValues(text: string, max: number): boolean {
  let separators = 0;
  let openings = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === quote) at = endOfString(text, at);
    else if (character === comma) separators += 1;
    else if (character === openBracket || character === openBrace) openings += 1;
    if (separators >= max || openings > max) return true;
  }
  return false;
}

/** Returns the index of the closing quote of the string at `start` (RFC 8259, 7), or the length of the text. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}

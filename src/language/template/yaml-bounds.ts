import { CST, Lexer } from 'yaml';
import type { Hazard } from './yaml-hazards.ts';

/** Safety limits, far above real files; the parser is quadratic in the depth. */
const max = { depth: 100, tokens: 150_000 };

/**
 * Returns the reason why a YAML text is too expensive to parse, with the offset; undefined when it is not. Reads only its
 * tokens, in one pass that stops at the first exceeded limit.
 */
export function findExcess(text: string): Hazard | undefined {
  let offset = 0;
  let tokens = 0;
  let flowDepth = 0;
  let dashes = 0;
  let isScalar = false;
  for (const token of new Lexer().lex(text)) {
    const type: string | null = isScalar ? 'scalar' : CST.tokenType(token);
    isScalar = type === 'scalar' && token === CST.SCALAR;
    if (isScalar || token === CST.DOCUMENT || token === CST.FLOW_END) continue;
    tokens += 1;
    if (type === 'newline') dashes = 0;
    else if (type === 'flow-seq-start' || type === 'flow-map-start') flowDepth += 1;
    else if (type === 'flow-seq-end' || type === 'flow-map-end') flowDepth -= 1;
    else if (flowDepth === 0 && (type === 'seq-item-ind' || type === 'explicit-key-ind')) dashes += 1;
    if (flowDepth > max.depth || dashes > max.depth) {
      return { message: `this is nested too deeply, over ${max.depth} levels`, offset };
    }
    if (tokens > max.tokens) return { message: `the text exceeds the limit of ${max.tokens} YAML tokens`, offset };
    offset += token.length;
  }
  return undefined;
}

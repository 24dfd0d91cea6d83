import { CST, Lexer } from 'yaml';
import type { Hazard } from './yaml-hazards.ts';

/** Far more than people write; the parser's time grows with the square of the depth. */
const most = { depth: 100, tokens: 150_000 };

/**
 * Returns why a YAML text would cost too much to be parsed, and where; undefined when it would not. Only looks at its
 * tokens, in one pass that ends at the first limit.
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
    if (flowDepth > most.depth || dashes > most.depth) {
      return { message: `this is nested too deeply, over ${most.depth} levels`, offset };
    }
    if (tokens > most.tokens) return { message: 'the text has too many parts to be read', offset };
    offset += token.length;
  }
  return undefined;
}

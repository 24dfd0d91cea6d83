import { setImmediate } from 'node:timers/promises';
import { SaxesParser } from 'saxes';
import { Fault } from '../../model/fault.ts';

/** Characters parsed before yielding to the event loop, nesting depth of elements, and length of an error message. */
const max = { chunk: 64 * 1024, depth: 100, problem: 200 };

export interface XmlHandler {
  /** Handles a start tag, without its namespace prefix. Returns false to stop parsing. */
  open(name: string, attributes: Record<string, string>): boolean;
  close(name: string): void;
  /** Handles text and CDATA with resolved references; a text may come in several calls. */
  text(text: string): void;
}

/**
 * Parses an XML document and calls the handler for its elements and texts. Never expands entities of the document or reads
 * external ones. Throws `invalid_request` with line and column when it is not well-formed or too deep.
 */
export async function readXml(text: string, handler: XmlHandler): Promise<void> {
  const parser = new SaxesParser<{ xmlns: false; position: true }>({ xmlns: false, position: true });
  const refuse = (problem: string): never => {
    const where = { line: parser.line, column: parser.column };
    throw new Fault('invalid_request', `invalid XML: ${problem.slice(0, max.problem)}`, { where });
  };
  let depth = 0;
  let ended = false;
  parser.on('error', ({ message }) => refuse(message.replace(/^\d+:\d+: /, '')));
  parser.on('opentag', ({ name, attributes }) => {
    depth += 1;
    if (depth > max.depth) refuse(`elements are nested more than ${max.depth} levels deep`);
    if (!ended) ended = !handler.open(localName(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    depth -= 1;
    if (!ended) handler.close(localName(name));
  });
  const pass = (piece: string) => {
    if (!ended) handler.text(piece);
  };
  parser.on('text', pass);
  parser.on('cdata', pass);
  for (let at = 0; at < text.length && !ended; at += max.chunk) {
    parser.write(text.slice(at, at + max.chunk));
    await setImmediate();
  }
  if (!ended) parser.close();
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

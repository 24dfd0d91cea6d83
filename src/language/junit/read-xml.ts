import { setImmediate } from 'node:timers/promises';
import { SaxesParser } from 'saxes';
import { Fault } from '../../model/fault.ts';

/** Characters that are parsed before other work gets its turn, and elements inside one another. */
const max = { chunk: 64 * 1024, depth: 100, problem: 200 };

export interface XmlHandler {
  /** False ends the reading. Names are without the prefix of a namespace. */
  open(name: string, attributes: Record<string, string>): boolean;
  close(name: string): void;
  /** Text and CDATA, references replaced; may come in pieces. */
  text(text: string): void;
}

/**
 * Calls the handler for the elements and texts of an XML document. Entities that a document declares are never expanded, nor
 * are external ones read. Throws `invalid_request` with line and column when it is not well-formed or too deep.
 */
export async function readXml(text: string, handler: XmlHandler): Promise<void> {
  const parser = new SaxesParser<{ xmlns: false; position: true }>({ xmlns: false, position: true });
  const refuse = (problem: string): never => {
    const where = { line: parser.line, column: parser.column };
    throw new Fault('invalid_request', `it is no XML: ${problem.slice(0, max.problem)}`, { where });
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

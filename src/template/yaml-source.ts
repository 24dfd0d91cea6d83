import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import type { Mistake, Place } from '../model/fault.ts';
import { findHazards } from './yaml-hazards.ts';
import { keyText } from './yaml-key.ts';

export type YamlPath = readonly PropertyKey[];

/** A YAML text that was read, with the way back from a path in its value to the line and column. */
export interface YamlSource {
  document: Document;
  /** What breaks the rules of YAML or of JSON; when there is any, the document must not be used. */
  mistakes: Mistake[];
  /**
   * Where a path is: a scalar's own place, otherwise that of its key; the nearest parent of what does not exist. `within`
   * is a text inside the scalar to point at, `key` asks for the key always. Lines and columns count from 1.
   */
  place(path: YamlPath, more?: { within?: string; key?: boolean }): Place;
}

const mostMistakes = 20;

/**
 * Reads one YAML 1.2 document; merge keys (`<<`) count. A plain scalar that is one of `texts` stays a text, also where it
 * looks like a number. Throws nothing: what is wrong is in `mistakes`.
 */
export function readYaml(
  text: string,
  { file, texts = [] }: { file?: string; texts?: readonly string[] } = {},
): YamlSource {
  const lines = new LineCounter();
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { ...(file && { file }), line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  // Unique keys are checked in findHazards: the parser's own check takes 15 s for 50,000 keys.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true, uniqueKeys: false });
  const errors = [...document.errors, ...document.warnings].map(({ message, pos: [offset] }) => ({ message, offset }));
  if (texts.length > 0) keepTexts(document, new Set(texts));
  const found = errors.length > 0 ? errors : findHazards(document);
  const mistakes = found.slice(0, mostMistakes).map(({ message, offset }) => ({
    message: inOurWords(message),
    where: at(offset),
  }));
  const place: YamlSource['place'] = (path, more = {}) => {
    const { node, key } = locate(document, path);
    const target = more.key || !hasOwnPlace(node) ? (key ?? node) : node;
    const [start = 0, end = start] = target?.range ?? [];
    const inside = more.within ? text.indexOf(more.within, start) : -1;
    return {
      ...at(inside >= 0 && inside < end ? inside : start),
      ...(path.length > 0 && { path: z.core.toDotPath(path) }),
    };
  };
  return { document, mistakes, place };
}

function locate(document: Document, path: YamlPath): { node: Node | null; key: Node | undefined } {
  let node = document.contents;
  let key: Node | undefined;
  for (const name of path) {
    const parent = isAlias(node) ? node.resolve(document) : node;
    if (isMap<Node, Node | null>(parent)) {
      const pair = parent.items.find((item) => keyText(item.key) === String(name));
      if (!pair) break;
      key = pair.key;
      node = pair.value;
    } else if (isSeq<Node>(parent) && parent.items[Number(name)]) {
      key = undefined;
      node = parent.items[Number(name)] ?? null;
    } else break;
  }
  return { node, key };
}

/** A collection starts where its first member does, and an empty value nowhere: for both, the key says more. */
function hasOwnPlace(node: Node | null): boolean {
  return isAlias(node) || (isScalar(node) && node.source !== '');
}

function keepTexts(document: Document, texts: ReadonlySet<string>): void {
  visit(document, {
    Scalar(_, scalar) {
      if (scalar.type === 'PLAIN' && scalar.source !== undefined && texts.has(scalar.source))
        scalar.value = scalar.source;
    },
  });
}

/** The parser's messages that speak of its own inside, said for those who wrote the text. */
function inOurWords(message: string): string {
  if (message.startsWith('Maximum call stack')) return 'this is nested too deeply';
  if (message.startsWith('Source contains multiple documents')) return 'only one YAML document is allowed';
  return message;
}

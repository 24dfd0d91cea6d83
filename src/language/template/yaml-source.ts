import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import type { Mistake, Place } from '../../model/fault.ts';
import { findExcess } from './yaml-bounds.ts';
import { findHazards, type Hazard } from './yaml-hazards.ts';
import { type AliasTargets, pairsOf, targetOf, toValue, type YamlPair } from './yaml-value.ts';

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
  /** The pairs of a map by their keys, merged ones among them, or of a map's alias; undefined for other nodes. */
  pairs(node: Node | null): ReadonlyMap<string, YamlPair> | undefined;
  /** The value of a node, without one that of the document, with aliases and merge keys written out. */
  value(node?: Node | null): unknown;
  /** How a plain scalar at a path is written, where its value is no text: `1.10`, `0x1F`, `True`. */
  spelling(path: YamlPath): string | undefined;
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
  const excess = findExcess(text);
  // Unique keys are checked in findHazards: the parser's own check takes 15 s for 50,000 keys. Merge keys are ours too: the
  // library writes them out again and again.
  const document = parseDocument(excess ? '' : text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  if (excess) countLines(text, lines);
  if (texts.length > 0) keepTexts(document, new Set(texts));
  const { found, targets } = excess ? { found: [excess], targets: new Map() } : look(document, text);
  const mistakes = found.slice(0, mostMistakes).map(({ message, offset, hint }) => ({
    message: inOurWords(message),
    where: at(offset),
    ...(hint && { hint }),
  }));
  const known = new Map<Node, ReadonlyMap<string, YamlPair>>();
  const pairs: YamlSource['pairs'] = (node) => {
    const target = targetOf(node, targets);
    if (!isMap<Node, Node | null>(target)) return undefined;
    const found = known.get(target) ?? pairsOf(target, targets);
    known.set(target, found);
    return found;
  };
  const locate = (path: YamlPath) => follow(document, path, pairs, targets);
  const place: YamlSource['place'] = (path, more = {}) => {
    const { node, key } = locate(path);
    const target = more.key || !hasOwnPlace(node) ? (key ?? node) : node;
    const [start = 0, end = start] = target?.range ?? [];
    const inside = more.within ? text.indexOf(more.within, start) : -1;
    return {
      ...at(inside >= 0 && inside < end ? inside : start),
      ...(path.length > 0 && { path: z.core.toDotPath(path) }),
    };
  };
  return {
    document,
    mistakes,
    place,
    pairs,
    value: (node = document.contents) => toValue(node, targets),
    spelling(path) {
      const { node, depth } = locate(path);
      const scalar = targetOf(node, targets);
      const isPlain = depth === path.length && isScalar(scalar) && scalar.type === 'PLAIN';
      return isPlain && typeof scalar.value !== 'string' ? scalar.source : undefined;
    },
  };
}

function look(document: Document, text: string): { found: readonly Hazard[]; targets: AliasTargets } {
  const errors = [...document.errors, ...document.warnings].map(({ message, pos: [offset] }) => {
    // `{{a.b}}/c` is a map to YAML, with something behind it.
    const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1).split('\n', 1)[0] ?? '';
    const hint = /(?:[:-]|^)\s+\{\{/.test(line.slice(0, 1000)) && 'a value that begins with {{ must be in quotes';
    return { message, offset, ...(hint && { hint }) };
  });
  if (errors.length > 0) return { found: errors, targets: new Map() };
  const { hazards, targets } = findHazards(document);
  return { found: hazards, targets };
}

/** What the parser does for what it reads: a text that is not parsed has places too. */
function countLines(text: string, lines: LineCounter): void {
  lines.lineStarts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
}

/** The node at a path, or the last one on the way that there is; `depth` is the length of the way to it. */
function follow(
  document: Document,
  path: YamlPath,
  pairs: YamlSource['pairs'],
  targets: AliasTargets,
): { node: Node | null; key: Node | undefined; depth: number } {
  let node = document.contents;
  let key: Node | undefined;
  let depth = 0;
  for (const name of path) {
    const parent = targetOf(node, targets);
    const members = pairs(parent);
    if (members) {
      const pair = members.get(String(name));
      if (!pair) break;
      key = pair.key;
      node = pair.value;
    } else if (isSeq<Node>(parent) && parent.items[Number(name)]) {
      key = undefined;
      node = parent.items[Number(name)] ?? null;
    } else break;
    depth += 1;
  }
  return { node, key, depth };
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

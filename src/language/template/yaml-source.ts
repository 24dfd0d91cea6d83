import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import type { Issue, Place } from '../../model/fault.ts';
import { findExcess } from './yaml-bounds.ts';
import { findHazards, type Hazard } from './yaml-hazards.ts';
import { type AliasTargets, pairsOf, targetOf, toValue, type YamlPair } from './yaml-value.ts';

export type YamlPath = readonly PropertyKey[];

/** A parsed YAML text, which maps paths in its value back to line and column. */
export interface YamlSource {
  document: Document;
  /** Violations of YAML or of JSON; if there are any, the document must not be used. */
  issues: Issue[];
  /**
   * Returns the location of a path: of a scalar itself, otherwise of its key; of the nearest parent when it does not exist.
   * `within` locates a text inside the scalar, `key` always locates the key. Lines and columns count from 1.
   */
  place(path: YamlPath, more?: { within?: string; key?: boolean }): Place;
  /** Returns the pairs of a map, or of an alias of a map, by key, including merged ones; undefined for other nodes. */
  pairs(node: Node | null): ReadonlyMap<string, YamlPair> | undefined;
  /** Returns the value of a node, by default of the document, with aliases and merge keys expanded. */
  value(node?: Node | null): unknown;
  /** Returns the spelling of a plain scalar at a path whose value is not a string: `1.10`, `0x1F`, `True`. */
  spelling(path: YamlPath): string | undefined;
}

const maxIssues = 20;

/**
 * Parses one YAML 1.2 document with merge keys (`<<`). A plain scalar listed in `texts` stays a string, even if it looks like
 * a number. Never throws: errors are in `issues`.
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
  // findHazards checks for duplicate keys: the parser's own check takes 15 s for 50,000 keys. Merge keys are also expanded
  // by us: the library expands them repeatedly.
  const document = parseDocument(excess ? '' : text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  if (excess) countLines(text, lines);
  if (texts.length > 0) keepTexts(document, new Set(texts));
  const { found, targets } = excess ? { found: [excess], targets: new Map() } : findProblems(document, text);
  const issues = found.slice(0, maxIssues).map(({ message, offset, hint }) => ({
    message: rephrase(message),
    where: at(offset),
    hint,
  }));
  const known = new Map<Node, ReadonlyMap<string, YamlPair>>();
  const pairs: YamlSource['pairs'] = (node) => {
    const target = targetOf(node, targets);
    if (!isMap<Node, Node | null>(target)) return undefined;
    const found = known.get(target) ?? pairsOf(target, targets);
    known.set(target, found);
    return found;
  };
  const locate = (path: YamlPath) => findNode(document, path, pairs, targets);
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
    issues,
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

function findProblems(document: Document, text: string): { found: readonly Hazard[]; targets: AliasTargets } {
  const errors = [...document.errors, ...document.warnings].map(({ message, pos: [offset] }) => {
    // YAML parses `{{a.b}}/c` as a map followed by text.
    const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1).split('\n', 1)[0] ?? '';
    const isReference = /(?:[:-]|^)\s+\{\{/.test(line.slice(0, 1000));
    return { message, offset, hint: isReference ? 'a value that begins with {{ must be in quotes' : undefined };
  });
  if (errors.length > 0) return { found: errors, targets: new Map() };
  const { hazards, targets } = findHazards(document);
  return { found: hazards, targets };
}

/** Counts the lines of a text that is not parsed, so that it has locations too. */
function countLines(text: string, lines: LineCounter): void {
  lines.lineStarts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
}

/** Returns the node at a path, or the deepest existing one on the way; `depth` is the length of its path. */
function findNode(
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

/** Returns false for a collection, which starts at its first member, and an empty value: their keys locate them better. */
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

/** Rephrases messages of the parser that describe its internals. */
function rephrase(message: string): string {
  if (message.startsWith('Maximum call stack')) return 'this is nested too deeply';
  if (message.startsWith('Source contains multiple documents')) return 'only one YAML document is allowed';
  return message;
}

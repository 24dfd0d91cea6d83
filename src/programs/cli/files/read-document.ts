import { isMap, isScalar, type Node, type Scalar } from 'yaml';
import { checkShape } from '../../../language/flow/check-shape.ts';
import { hintFor } from '../../../language/flow/closest-match.ts';
import { globalsAsWritten } from '../../../language/flow/globals-as-written.ts';
import { readYaml, type YamlSource } from '../../../language/template/yaml-source.ts';
import type { Issue, Place } from '../../../model/fault.ts';
import { documentSchemas, type FileDocument, type Kind } from './documents.ts';

/**
 * Parses one YAML document of a file. Returns undefined when it is empty or invalid, and adds the issues to `issues`. A
 * document with a pipeline but no kind is the YAML of a test flow. `skipped` is the number of lines of the file before
 * `text`.
 */
export function readDocument(
  file: string,
  { text, skipped }: { text: string; skipped: number },
  issues: Issue[],
): FileDocument | undefined {
  const source = readYaml('\n'.repeat(skipped) + text, { file });
  issues.push(...source.issues);
  const { contents } = source.document;
  if (source.issues.length > 0 || contents === null) return undefined;
  const value: unknown = isMap(contents) ? source.value() : undefined;
  if (value === undefined) {
    issues.push({ message: 'a document must be a map with the key kind', where: source.place([]), hint: kindHint });
    return undefined;
  }
  const { kind, ...said } = value as Record<string, unknown>;
  if (kind === undefined && 'pipeline' in said) {
    const graph = { name: said.name ?? '', graph: text };
    const placeInGraph = (line: number, column: number): Place => ({ file, line: line + skipped, column });
    return shaped('TestFlow', graph, source, placeInGraph, issues);
  }
  if (!isKind(kind)) {
    const where = source.place(kind === undefined ? [] : ['kind']);
    const message = kind === undefined ? 'the document has no kind' : `unknown kind ${JSON.stringify(kind)}`;
    issues.push({ message, where, hint: hintFor(String(kind), Object.keys(documentSchemas), 'kinds') });
    return undefined;
  }
  if ('globalProperties' in said) {
    said.globalProperties = globalsAsWritten(said.globalProperties, ['globalProperties'], source);
  }
  const node = source.document.get('graph', true);
  if (kind === 'TestFlow' && isMap(node)) {
    const where = source.place(['graph'], { key: true });
    issues.push({
      message: 'the graph must be a string, not a map',
      where,
      hint: 'write graph: | and keep the graph as it is',
    });
    return undefined;
  }
  return shaped(kind, said, source, inScalar(text, skipped, source, node), issues);
}

const kindHint = `kind: ${Object.keys(documentSchemas).join(', ')}`;

function isKind(kind: unknown): kind is Kind {
  return typeof kind === 'string' && Object.hasOwn(documentSchemas, kind);
}

function shaped(
  kind: Kind,
  value: unknown,
  { place }: YamlSource,
  placeInGraph: FileDocument['placeInGraph'],
  issues: Issue[],
): FileDocument | undefined {
  const said = checkShape(documentSchemas[kind], value, { path: [], place, issues });
  return said && { kind, spec: said, place, placeInGraph };
}

/** Maps places in a literal block to places in the file; for any other scalar only its start is known. */
function inScalar(text: string, skipped: number, source: YamlSource, node: unknown): FileDocument['placeInGraph'] {
  const start = source.place(['graph']);
  if (!isScalar(node) || !isLiteral(node)) return () => start;
  const lines = text.split('\n');
  const first = node.value.split('\n').findIndex((line) => line.trim() !== '');
  const inFile = lines[(start.line ?? 1) - skipped + first] ?? '';
  const indent = Math.max(inFile.indexOf(node.value.split('\n')[first] ?? ''), 0);
  return (line, column) => ({ ...start, line: (start.line ?? 1) + line, column: indent + column });
}

function isLiteral(node: Node): node is Scalar<string> {
  return isScalar(node) && node.type === 'BLOCK_LITERAL' && typeof node.value === 'string';
}

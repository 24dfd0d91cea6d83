import { isMap, isScalar, type Node, type Scalar } from 'yaml';
import { checkShape } from '../../../language/flow/check-shape.ts';
import { globalsAsWritten } from '../../../language/flow/globals-as-written.ts';
import { hintFor } from '../../../language/flow/nearest.ts';
import { readYaml, type YamlSource } from '../../../language/template/yaml-source.ts';
import type { Mistake, Place } from '../../../model/fault.ts';
import { documentSchemas, type FileDocument, type Kind } from './documents.ts';

/**
 * One YAML document of a file as what it is; undefined when it is empty or has mistakes, which are added to `mistakes`. A
 * document without a kind that has a pipeline is a test flow's own YAML, and has the flow's name. `skipped` is the number
 * of lines of the file before `text`.
 */
export function readDocument(
  file: string,
  { text, skipped }: { text: string; skipped: number },
  mistakes: Mistake[],
): FileDocument | undefined {
  const source = readYaml('\n'.repeat(skipped) + text, { file });
  mistakes.push(...source.mistakes);
  const { contents } = source.document;
  if (source.mistakes.length > 0 || contents === null) return undefined;
  const value: unknown = isMap(contents) ? source.value() : undefined;
  if (value === undefined) {
    mistakes.push({ message: 'a document is a map with the key kind', where: source.place([]), hint: kindHint });
    return undefined;
  }
  const { kind, ...said } = value as Record<string, unknown>;
  if (kind === undefined && 'pipeline' in said) {
    const graph = { name: said.name ?? '', graph: text };
    const placeInGraph = (line: number, column: number): Place => ({ file, line: line + skipped, column });
    return shaped('TestFlow', graph, source, placeInGraph, mistakes);
  }
  if (!isKind(kind)) {
    const where = source.place(kind === undefined ? [] : ['kind']);
    const message = kind === undefined ? 'the document has no kind' : `there is no kind ${JSON.stringify(kind)}`;
    mistakes.push({ message, where, hint: hintFor(String(kind), Object.keys(documentSchemas), 'kinds') });
    return undefined;
  }
  if ('globalProperties' in said) {
    said.globalProperties = globalsAsWritten(said.globalProperties, ['globalProperties'], source);
  }
  const node = source.document.get('graph', true);
  if (kind === 'TestFlow' && isMap(node)) {
    const where = source.place(['graph'], { key: true });
    mistakes.push({ message: 'the graph is a text, not a map', where, hint: 'write graph: | and leave it as it is' });
    return undefined;
  }
  return shaped(kind, said, source, inScalar(text, skipped, source, node), mistakes);
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
  mistakes: Mistake[],
): FileDocument | undefined {
  const said = checkShape(documentSchemas[kind], value, { path: [], place, mistakes });
  return said && { kind, said, place, placeInGraph };
}

/** The lines of a literal block are those of the file, further in; of any other text only its beginning is known. */
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

import { tokenize } from './lexer.ts';
import { parsePipe, Reader } from './parse-pipe.ts';
import { TemplateError } from './template-error.ts';
import type { TemplateNode } from './tree.ts';

const branches = ['if', 'with', 'range'] as const;
type Branch = (typeof branches)[number];
const unsupported = ['define', 'template', 'block', 'break', 'continue'];

/** The tree of a template. Throws TemplateError for what breaks the rules, unknown functions and variables among it. */
export function parseTemplate(source: string): TemplateNode[] {
  const reader = new Reader(tokenize(source));
  const { nodes, ending } = parseNodes(reader);
  if (ending) throw new TemplateError(`unexpected {{${ending.word}}}: nothing is open here`, ending.offset);
  return nodes;
}

interface Ending {
  word: 'else' | 'end';
  offset: number;
}

/** Reads nodes up to, and with, the `{{else` or `{{end` that closes them, or to the end of the template. */
function parseNodes(reader: Reader): { nodes: TemplateNode[]; ending?: Ending } {
  const nodes: TemplateNode[] = [];
  for (;;) {
    const token = reader.take();
    if (token.kind === 'end') return { nodes };
    if (token.kind === 'text') {
      nodes.push({ kind: 'text', text: token.text });
      continue;
    }
    const word = reader.peek().kind === 'word' ? reader.peek().text : '';
    if (unsupported.includes(word)) throw new TemplateError(`{{${word}}} is not supported`, token.offset);
    if (word === 'else' || word === 'end') {
      reader.take();
      return { nodes, ending: { word, offset: token.offset } };
    }
    if (isBranch(word)) nodes.push(parseBranch(reader, word, token.offset));
    else nodes.push({ kind: 'action', pipe: parsePipe(reader, 'an action') });
  }
}

function parseBranch(reader: Reader, kind: Branch, offset: number): TemplateNode {
  reader.take();
  const outside = [...reader.variables];
  const pipe = parsePipe(reader, kind, 'close', kind === 'range' ? 2 : 1);
  const inside = [...reader.variables];
  const { nodes: body, ending } = parseNodes(reader);
  reader.variables = inside;
  const otherwise = ending?.word === 'else' ? parseElse(reader, kind, offset) : [];
  if (!ending) throw notClosed(kind, offset);
  if (ending.word === 'end' && !reader.accept('close')) throw reader.unexpected('end');
  reader.variables = outside;
  return { kind, pipe, body, otherwise };
}

/** What follows `{{else`: nodes up to the `{{end}}`, or an if or with that shares the `{{end}}`. */
function parseElse(reader: Reader, kind: Branch, offset: number): TemplateNode[] {
  const { text, offset: at } = reader.peek();
  if (text === kind && kind !== 'range') return [parseBranch(reader, kind, at)];
  if (!reader.accept('close')) throw reader.unexpected('else');
  const { nodes, ending } = parseNodes(reader);
  if (!ending) throw notClosed(kind, offset);
  if (ending.word === 'else') throw new TemplateError('a second {{else}}', ending.offset);
  if (!reader.accept('close')) throw reader.unexpected('end');
  return nodes;
}

function notClosed(kind: Branch, offset: number): TemplateError {
  return new TemplateError(`{{${kind}}} is not closed`, offset, 'close it with {{end}}');
}

function isBranch(word: string): word is Branch {
  return branches.some((branch) => branch === word);
}

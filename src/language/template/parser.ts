import { tokenize } from './lexer.ts';
import { parseName, parsePipe, Reader } from './parse-pipe.ts';
import { TemplateError } from './template-error.ts';
import type { ParsedTemplate, TemplateNode } from './tree.ts';

const branches = ['if', 'with', 'range'] as const;
type Branch = (typeof branches)[number];
/** Maximum depth of nested blocks, which are parsed recursively. */
const maxDepth = 200;

/** Parses a template. Throws TemplateError for invalid syntax, unknown functions and undefined variables. */
export function parseTemplate(source: string): ParsedTemplate {
  return new Parser(source).parse();
}

interface Ending {
  word: 'else' | 'end';
  offset: number;
}

class Parser {
  readonly #reader: Reader;
  readonly #defined = new Map<string, TemplateNode[]>();
  #depth = 0;

  constructor(source: string) {
    this.#reader = new Reader(tokenize(source));
  }

  parse(): ParsedTemplate {
    const { nodes, ending } = this.#nodes(true);
    if (ending) throw new TemplateError(`unexpected {{${ending.word}}}: nothing is open here`, ending.offset);
    return { nodes, defined: this.#defined };
  }

  /** Parses nodes including the `{{else` or `{{end` that closes them, or up to the end of the template. */
  #nodes(isTop = false): { nodes: TemplateNode[]; ending?: Ending } {
    const reader = this.#reader;
    const nodes: TemplateNode[] = [];
    for (;;) {
      const token = reader.take();
      if (token.kind === 'end') return { nodes };
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text });
        continue;
      }
      const word = reader.peek().kind === 'word' ? reader.peek().text : '';
      if (word === 'else' || word === 'end') {
        reader.take();
        return { nodes, ending: { word, offset: token.offset } };
      }
      if (word === 'define') this.#define(token.offset, isTop);
      else nodes.push(this.#node(word, token.offset));
    }
  }

  #node(word: string, offset: number): TemplateNode {
    const reader = this.#reader;
    if (isBranch(word)) return this.#branch(word, offset);
    if (word === 'template' || word === 'block') {
      reader.take();
      const name = parseName(reader, `the name of a ${word}`);
      const bare = word === 'template' && reader.accept('close');
      const pipe = bare ? undefined : parsePipe(reader, word);
      if (word === 'block') this.#body(name, word, offset);
      return { kind: 'template', name, offset, pipe };
    }
    if (word === 'break' || word === 'continue') {
      reader.take();
      if (!reader.accept('close')) throw reader.unexpected(word);
      if (reader.ranges === 0) throw new TemplateError(`{{${word}}} outside {{range}}`, offset);
      return { kind: word };
    }
    return { kind: 'action', pipe: parsePipe(reader, 'an action') };
  }

  #define(offset: number, isTop: boolean): void {
    if (!isTop) throw new TemplateError('{{define}} inside another block', offset);
    this.#reader.take();
    const name = parseName(this.#reader, 'the name of a define');
    if (!this.#reader.accept('close')) throw this.#reader.unexpected('define');
    this.#body(name, 'define', offset);
  }

  /** Parses the body of a named template, up to its `{{end}}`. It sees no outer variables. */
  #body(name: string, word: string, offset: number): void {
    const reader = this.#reader;
    const { variables, ranges } = reader;
    reader.variables = [''];
    reader.ranges = 0;
    const { nodes, ending } = this.#nested(offset, () => this.#nodes());
    if (!ending) throw notClosed(word, offset);
    if (ending.word === 'else') throw new TemplateError(`unexpected {{else}} in ${word}`, ending.offset);
    if (!reader.accept('close')) throw reader.unexpected('end');
    reader.variables = variables;
    reader.ranges = ranges;
    const before = this.#defined.get(name);
    if (before && !isEmpty(before) && !isEmpty(nodes)) {
      throw new TemplateError(`multiple definition of template ${JSON.stringify(name)}`, offset);
    }
    if (!before || !isEmpty(nodes)) this.#defined.set(name, nodes);
  }

  #branch(kind: Branch, offset: number): TemplateNode {
    const reader = this.#reader;
    reader.take();
    const outside = [...reader.variables];
    const pipe = parsePipe(reader, kind, 'close', kind === 'range' ? 2 : 1);
    const inside = [...reader.variables];
    if (kind === 'range') reader.ranges += 1;
    const { nodes: body, ending } = this.#nested(offset, () => this.#nodes());
    if (kind === 'range') reader.ranges -= 1;
    reader.variables = inside;
    const otherwise = ending?.word === 'else' ? this.#else(kind, offset) : [];
    if (!ending) throw notClosed(kind, offset);
    if (ending.word === 'end' && !reader.accept('close')) throw reader.unexpected('end');
    reader.variables = outside;
    return { kind, pipe, body, otherwise };
  }

  /** Parses the part after `{{else`: nodes up to the `{{end}}`, or an if or with that shares the `{{end}}`. */
  #else(kind: Branch, offset: number): TemplateNode[] {
    const reader = this.#reader;
    const { text, offset: at } = reader.peek();
    if (text === kind && kind !== 'range') return [this.#nested(at, () => this.#branch(kind, at))];
    if (!reader.accept('close')) throw reader.unexpected('else');
    const { nodes, ending } = this.#nested(offset, () => this.#nodes());
    if (!ending) throw notClosed(kind, offset);
    if (ending.word === 'else') throw new TemplateError('a second {{else}}', ending.offset);
    if (!reader.accept('close')) throw reader.unexpected('end');
    return nodes;
  }

  #nested<T>(offset: number, read: () => T): T {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new TemplateError(`blocks are nested more than ${maxDepth} levels deep`, offset);
    const result = read();
    this.#depth -= 1;
    return result;
  }
}

function isEmpty(nodes: readonly TemplateNode[]): boolean {
  return nodes.every((node) => node.kind === 'text' && node.text.trim() === '');
}

function notClosed(kind: string, offset: number): TemplateError {
  return new TemplateError(`{{${kind}}} is not closed`, offset, 'close it with {{end}}');
}

function isBranch(word: string): word is Branch {
  return branches.some((branch) => branch === word);
}

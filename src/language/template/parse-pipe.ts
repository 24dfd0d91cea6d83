import { functions } from './functions.ts';
import type { Token, TokenKind } from './lexer.ts';
import { parseNumber, unquote, unquoteCharacter } from './literals.ts';
import { TemplateError } from './template-error.ts';
import type { Command, Head, Operand, Pipe } from './tree.ts';

/** Reads tokens, and tracks the visible variables. */
export class Reader {
  readonly #tokens: readonly Token[];
  #next = 0;
  variables: string[] = [''];
  /** Number of open ranges: break and continue are only allowed inside a range. */
  ranges = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)];
    if (!token) throw new RangeError('tokens always end with one of kind "end"');
    return token;
  }

  take(): Token {
    const token = this.peek();
    this.#next += 1;
    return token;
  }

  /** Takes the next token if it matches. */
  accept(kind: TokenKind, text?: string): Token | undefined {
    const token = this.peek();
    return token.kind === kind && (text === undefined || token.text === text) ? this.take() : undefined;
  }

  unexpected(where: string): TemplateError {
    const { text, offset } = this.peek();
    return new TemplateError(`unexpected ${JSON.stringify(text)} in ${where}`, offset);
  }
}

/** Parses the name of a template: a string literal. */
export function parseName(reader: Reader, where: string): string {
  const token = reader.accept('string');
  const name = token && unquote(token.text);
  if (name === undefined) throw reader.unexpected(where);
  return name;
}

/** Parses a pipeline including its end: `}}`, or `)` inside parentheses. `range` may declare two variables. */
export function parsePipe(reader: Reader, where: string, ending: 'close' | ')' = 'close', maxVariables = 1): Pipe {
  const { offset } = reader.peek();
  const { names, assigns } = parseVariables(reader, maxVariables);
  const commands: Command[] = [];
  do {
    commands.push(parseCommand(reader, where));
  } while (reader.accept('mark', '|'));
  if (!(ending === ')' ? reader.accept('mark', ')') : reader.accept('close'))) throw reader.unexpected(where);
  for (const [first] of commands.slice(1)) {
    if (first.fields.length === 0 && ['literal', 'nil', 'dot'].includes(first.head.kind)) {
      throw new TemplateError('only a function can come after |', first.offset);
    }
  }
  if (!assigns) reader.variables.push(...names);
  return { variables: names, assigns, commands, offset };
}

function parseVariables(reader: Reader, maxVariables: number): { names: string[]; assigns: boolean } {
  const second = maxVariables > 1 && reader.peek(1).text === ',' ? 2 : 0;
  const sign = reader.peek(second + 1);
  if (reader.peek().kind !== 'variable' || sign.kind !== 'mark' || !['=', ':='].includes(sign.text)) {
    return { names: [], assigns: false };
  }
  const assigns = sign.text === '=';
  const tokens = [reader.peek(), ...(second > 0 ? [reader.peek(2)] : [])];
  for (let taken = 0; taken < second + 2; taken += 1) reader.take();
  const names = tokens.map((token) => {
    if (token.kind !== 'variable' || token.text === '$') {
      throw new TemplateError(`${token.text} cannot be declared as a variable`, token.offset);
    }
    return assigns ? known(reader, token) : token.text.slice(1);
  });
  return { names, assigns };
}

function parseCommand(reader: Reader, where: string): Command {
  const command: Command = [parseOperand(reader, where)];
  while (reader.peek().kind !== 'close' && !(reader.peek().kind === 'mark' && '|)'.includes(reader.peek().text))) {
    // As in Go, `len(.A)` is invalid: arguments are separated by spaces.
    if (!reader.peek().spaced) throw reader.unexpected(where);
    command.push(parseOperand(reader, where));
  }
  const [{ head, fields, offset }] = command;
  if (command.length === 1 && head.kind === 'nil' && fields.length === 0) {
    throw new TemplateError('nil is not a command', offset);
  }
  return command;
}

function parseOperand(reader: Reader, where: string): Operand {
  const token = reader.peek();
  const head = parseHead(reader, where);
  const fields = [];
  if (token.kind === 'field') fields.push({ name: token.text.slice(1), offset: token.offset });
  while (reader.peek().kind === 'field' && !reader.peek().spaced) {
    const { text, offset } = reader.take();
    fields.push({ name: text.slice(1), offset });
  }
  if (fields.length > 0 && (head.kind === 'literal' || head.kind === 'nil')) {
    throw new TemplateError(`unexpected .${fields[0]?.name} after a literal`, token.offset);
  }
  return { head, fields, offset: token.offset };
}

function parseHead(reader: Reader, where: string): Head {
  const token = reader.peek();
  if (token.kind === 'close') throw new TemplateError(`missing value for ${where}`, token.offset);
  if (token.kind === 'mark' && token.text === '(') {
    reader.take();
    return { kind: 'pipe', pipe: parsePipe(reader, 'parentheses', ')') };
  }
  const head = simpleHead(reader, token);
  if (!head) throw reader.unexpected(where);
  reader.take();
  return head;
}

function simpleHead(reader: Reader, token: Token): Head | undefined {
  const { kind, text, offset } = token;
  if (kind === 'dot' || kind === 'field') return { kind: 'dot' };
  if (kind === 'variable') return { kind: 'variable', name: known(reader, token) };
  if (kind === 'number')
    return literal(parseNumber(text), `${text} is not a number that can be represented exactly`, offset);
  if (kind === 'string') return literal(unquote(text), `${text} has an invalid escape sequence`, offset);
  if (kind === 'character') return literal(unquoteCharacter(text), `${text} is not a single character`, offset);
  if (kind !== 'word') return undefined;
  if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true' };
  if (text === 'nil') return { kind: 'nil' };
  if (Object.hasOwn(functions, text)) return { kind: 'function', name: text };
  const hint = `functions: ${Object.keys(functions).join(', ')}`;
  throw new TemplateError(`unknown function "${text}"`, offset, hint);
}

function literal(value: unknown, problem: string, offset: number): Head {
  if (value === undefined) throw new TemplateError(problem, offset);
  return { kind: 'literal', value };
}

function known(reader: Reader, { text, offset }: Token): string {
  const name = text.slice(1);
  if (!reader.variables.includes(name)) throw new TemplateError(`undefined variable ${text}`, offset);
  return name;
}

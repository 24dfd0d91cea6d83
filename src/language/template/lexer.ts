import { TemplateError } from './template-error.ts';

export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'word'
  | 'field'
  | 'dot'
  | 'variable'
  | 'string'
  | 'character'
  | 'number'
  | 'mark'
  | 'end';

export interface Token {
  kind: TokenKind;
  text: string;
  offset: number;
  /** True after white space: `.A .B` are two arguments, `.A.B` is one. */
  spaced: boolean;
}

const space = ' \t\r\n';
const close = /([ \t\r\n]+-|[ \t\r\n]*)\}\}/y;
const comment = /\/\*[\s\S]*?\*\/(?:([ \t\r\n]-)?\}\}|)/y;
/** Patterns of tokens, in order; `-`, `+` and a digit begin a number. */
const rules: readonly [TokenKind, RegExp][] = [
  ['number', /[+-]?\.?\d[0-9A-Za-z_.]*(?:(?<=[eEpP])[+-]\d+)?/y],
  ['field', /\.[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['dot', /\./y],
  ['variable', /\$[\p{L}\p{Nd}_]*/uy],
  ['word', /[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['string', /"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`/y],
  ['character', /'(?:[^'\\\n]|\\[^\n])+'/y],
  ['mark', /:=|[=|(),]/y],
];

/** Splits a template into text and the tokens of its actions; applies trim markers and drops comments. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let trim = false;
  while (at < source.length) {
    const open = source.indexOf('{{', at);
    const end = open < 0 ? source.length : open;
    let text = source.slice(at, end);
    if (trim) text = text.replace(/^[ \t\r\n]+/, '');
    const marker = open >= 0 && source[open + 2] === '-' && isSpace(source[open + 3]);
    if (marker) text = trimEnd(text);
    if (text !== '') tokens.push({ kind: 'text', text, offset: at, spaced: false });
    if (open < 0) break;
    const inside = open + (marker ? 4 : 2);
    const done = source.startsWith('/*', inside)
      ? skipComment(source, open, inside)
      : readAction(source, open, inside, tokens);
    at = done.at;
    trim = done.trim;
  }
  tokens.push({ kind: 'end', text: 'the end of the template', offset: source.length, spaced: true });
  return tokens;
}

function skipComment(source: string, open: number, start: number): { at: number; trim: boolean } {
  comment.lastIndex = start;
  const found = comment.exec(source);
  if (!found) throw new TemplateError('the comment is not closed', open);
  if (!found[0].endsWith('}}'))
    throw new TemplateError('a comment must end right before }}', open, 'write {{/* … */}}');
  return { at: start + found[0].length, trim: found[1] !== undefined };
}

function readAction(source: string, open: number, start: number, tokens: Token[]): { at: number; trim: boolean } {
  tokens.push({ kind: 'open', text: '{{', offset: open, spaced: false });
  let at = start;
  for (;;) {
    close.lastIndex = at;
    const ending = close.exec(source);
    if (ending) {
      tokens.push({ kind: 'close', text: '}}', offset: at, spaced: true });
      return { at: at + ending[0].length, trim: ending[1]?.endsWith('-') === true };
    }
    const before = at;
    while (isSpace(source[at])) at += 1;
    if (at >= source.length) throw new TemplateError('the action is not closed', open, 'close it with }}');
    const token = readToken(source, at, at > before);
    tokens.push(token);
    at += token.text.length;
  }
}

function readToken(source: string, at: number, spaced: boolean): Token {
  for (const [kind, rule] of rules) {
    rule.lastIndex = at;
    const found = rule.exec(source);
    if (found) return { kind, text: found[0], offset: at, spaced };
  }
  const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
  if ('"`\''.includes(character)) throw new TemplateError('the text is not closed', at);
  throw new TemplateError(`unexpected ${JSON.stringify(character)} in an action`, at);
}

/** Trims white space at the end; a regular expression would take quadratic time. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text[end - 1])) end -= 1;
  return text.slice(0, end);
}

function isSpace(character: string | undefined): boolean {
  return character !== undefined && space.includes(character);
}

import { isPrintable, sprint } from './print.ts';
import { kindOf } from './values.ts';

const inHtml: Record<string, string> = {
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\0': '\uFFFD',
};
const inScript: Record<string, string> = { '\\': '\\\\', "'": "\\'", '"': '\\"' };

/** Implements Go's `html`: the arguments as one text, escaped for HTML. */
export function html(...values: unknown[]): string {
  return textOf(values).replace(/["'&<>\0]/g, (character) => inHtml[character] ?? character);
}

/** Implements Go's `js`: the arguments as one text, escaped for a JavaScript string. */
export function js(...values: unknown[]): string {
  return Array.from(textOf(values), (character) => {
    const short = inScript[character];
    if (short) return short;
    if (!/[<>&=]/.test(character) && isPrintable(character)) return character;
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  }).join('');
}

/** Implements Go's `urlquery`: the arguments as one text, escaped for the query of a URL (RFC 3986, a space as `+`). */
export function urlquery(...values: unknown[]): string {
  return encodeURIComponent(textOf(values).toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

function textOf(values: readonly unknown[]): string {
  return sprint(values.map((value) => (kindOf(value) === 'nil' ? '<no value>' : value)));
}

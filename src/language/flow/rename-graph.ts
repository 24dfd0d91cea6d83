import { isMap, type Node, type Pair } from 'yaml';
import { keyText } from '../template/yaml-key.ts';
import { readYaml } from '../template/yaml-source.ts';

/** Replaces the flow's own `name:` in its YAML and nothing else; returns a text without a name unchanged. */
export function renameGraph(text: string, name: string): string {
  const { contents } = readYaml(text).document;
  if (!isMap<Node, Node | null>(contents)) return text;
  const pair = contents.items.find(({ key }) => keyText(key) === 'name');
  const [start, end] = rangeOf(text, pair);
  if (start === undefined || end === undefined) return text;
  const gap = /\s/.test(text[start - 1] ?? '') ? '' : ' ';
  // The range of a block includes its last line break.
  const old = text.slice(start, end).trimEnd();
  const value = old.startsWith('"') ? JSON.stringify(name) : asScalar(name);
  return text.slice(0, start) + gap + value + text.slice(start + old.length);
}

/** Returns the range of the value; an empty value starts right after the colon. */
function rangeOf(text: string, pair: Pair<Node, Node | null> | undefined): (number | undefined)[] {
  const [start, end] = pair?.value?.range ?? [];
  if (start === undefined || end === undefined || start < end) return [start, end];
  const colon = text.indexOf(':', pair?.key.range?.[1] ?? start);
  return [colon + 1, colon + 1];
}

/** Writes a name as a plain scalar if that is unambiguous everywhere in YAML, else quoted as in JSON. */
function asScalar(name: string): string {
  const plain =
    /^[A-Za-z]([A-Za-z0-9_ ./-]*[A-Za-z0-9])?$/.test(name) && !/^(true|false|null|yes|no|on|off)$/i.test(name);
  return plain ? name : JSON.stringify(name);
}

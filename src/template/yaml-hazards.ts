import {
  type Alias,
  type Document,
  isCollection,
  isScalar,
  type Node,
  type Scalar,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { keyText } from './yaml-key.ts';

export interface Hazard {
  message: string;
  offset: number;
}

/** Aliases of one document: enough for people. Each one costs a walk through the document, so many would stall us. */
const mostAliases = 100;

/**
 * What YAML allows and we cannot keep: a key that is there twice or is lost on the way, an alias that leads nowhere or
 * into itself, what JSON or a double cannot hold. In the order of the text.
 */
export function findHazards(document: Document): Hazard[] {
  const hazards: Hazard[] = [];
  const anchors = new Set<string>();
  let aliases = 0;
  const add = (node: { range?: [number, number, number] | null }, message: string) =>
    hazards.push({ message, offset: node.range?.[0] ?? 0 });
  visit(document, {
    Seq(_, seq: YAMLSeq) {
      checkTag(seq, add);
      if (seq.anchor) anchors.add(seq.anchor);
    },
    Map(_, map: YAMLMap) {
      checkTag(map, add);
      if (map.anchor) anchors.add(map.anchor);
      const keys = new Set<string>();
      for (const { key } of map.items) {
        const name = keyText(key);
        if (keys.has(name) && isScalar(key)) add(key, `the key "${name.slice(0, 80)}" is there twice`);
        if (name === '__proto__' && isScalar(key)) add(key, 'the key "__proto__" cannot be used');
        keys.add(name);
      }
    },
    Scalar(key, scalar: Scalar) {
      if (scalar.anchor) anchors.add(scalar.anchor);
      checkTag(scalar, add);
      if (key !== 'key' && typeof scalar.value === 'number') checkNumber(scalar, scalar.value, add);
    },
    Alias(_, alias: Alias, ancestors) {
      aliases += 1;
      if (aliases === mostAliases + 1) add(alias, `more than ${mostAliases} aliases`);
      if (!anchors.has(alias.source)) add(alias, `the alias *${alias.source} names no anchor before it`);
      const inside = ancestors.some((node) => isCollection(node) && node.anchor === alias.source);
      if (inside) add(alias, `the alias *${alias.source} is inside of what it names`);
    },
  });
  return hazards;
}

/** Of YAML's own types, these have no like in JSON. */
function checkTag(node: Node, add: (node: Node, message: string) => void): void {
  const [, type] = /^tag:yaml\.org,2002:(binary|omap|pairs|set|timestamp)$/.exec(node.tag ?? '') ?? [];
  if (type) add(node, `!!${type} has no place in JSON`);
}

function checkNumber(scalar: Scalar, value: number, add: (node: Scalar, message: string) => void): void {
  if (!Number.isFinite(value)) add(scalar, `${scalar.source} has no place in JSON`);
  else if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    add(scalar, `${scalar.source} is too large to be kept exactly as a number: put it in quotes`);
  }
}

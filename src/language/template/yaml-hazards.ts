import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import { keyText } from './yaml-key.ts';
import { type AliasTargets, isMergeKey, mergeSources } from './yaml-value.ts';

export interface Hazard {
  message: string;
  offset: number;
  hint?: string;
}

/** Far more than people write: levels, aliases of one document, and its values once the aliases are written out. */
const most = { depth: 200, aliases: 100, values: 100_000 };

/**
 * Returns what YAML allows and we cannot keep, in the order of the text: a key that is there twice, is lost on the way or
 * is no text, an alias that leads nowhere or into itself, what JSON or a double cannot hold, and what is far too much. Also
 * returns what the aliases stand for, which can be relied on only when there are no hazards.
 */
export function findHazards(document: Document): { hazards: Hazard[]; targets: AliasTargets } {
  const finder = new HazardFinder();
  finder.walk(document.contents, 0);
  return finder;
}

class HazardFinder {
  readonly hazards: Hazard[] = [];
  readonly targets = new Map<Alias, Node>();
  /** Nodes by the newest anchor of a name, and how many values each has with its aliases written out. */
  readonly #anchors = new Map<string, Node>();
  readonly #sizes = new Map<Node, number>();
  #aliases = 0;
  #isTooLarge = false;

  /** Returns the number of values in a node, with aliases written out. */
  walk(node: Node | null, depth: number): number {
    if (node === null) return 1;
    if (depth > most.depth) {
      if (!this.#isTooLarge) this.#add(node, `this is nested too deeply, over ${most.depth} levels`);
      this.#isTooLarge = true;
      return 1;
    }
    if (isAlias(node)) return this.#walkAlias(node);
    checkTag(node, this.#add);
    if ('anchor' in node && node.anchor) this.#anchors.set(node.anchor, node);
    const size = this.#sizeOf(node, depth);
    this.#sizes.set(node, size);
    return size;
  }

  #sizeOf(node: Node, depth: number): number {
    if (isScalar(node)) {
      this.#checkScalar(node);
      return 1;
    }
    let size = 1;
    if (isSeq<Node | null>(node)) for (const item of node.items) size += this.walk(item, depth + 1);
    if (isMap<Node, Node | null>(node)) {
      this.#checkKeys(node);
      for (const { key, value } of node.items) {
        size += this.walk(value, depth + 1);
        if (isMergeKey(key) && !mergeSources(value, this.targets)) {
          this.#add(key, '<< merges maps, and this is none', 'write <<: *anchor, or put "<<" in quotes');
        }
      }
    }
    if (size > most.values && !this.#isTooLarge) {
      this.#add(node, `with its aliases written out this has over ${most.values} values`);
      this.#isTooLarge = true;
    }
    return size;
  }

  #checkKeys(map: YAMLMap<Node, Node | null>): void {
    const keys = new Set<string>();
    for (const { key } of map.items) {
      if (!isScalar(key)) {
        this.#addKey(key);
        continue;
      }
      const name = keyText(key);
      if (key.anchor) this.#anchors.set(key.anchor, key);
      if (keys.has(name)) this.#add(key, `the key "${name.slice(0, 80)}" is there twice`);
      if (name === '__proto__') this.#add(key, 'the key "__proto__" cannot be used');
      checkText(key, name, this.#add);
      checkTag(key, this.#add);
      keys.add(name);
    }
  }

  /** JSON's keys are texts. Braces without quotes, as in `url: {{a.url}}`, are a map that is the key of a map. */
  #addKey(key: Node): void {
    const [inner] = isMap<Node, Node | null>(key) ? key.items : [];
    const name = inner && inner.value === null && isScalar(inner.key) ? keyText(inner.key) : undefined;
    const hint = name !== undefined && `put it in quotes: "{{${name}}}"`;
    const kind = isMap(key) ? 'a map' : isSeq(key) ? 'a list' : 'an alias';
    this.#add(key, `${kind} is the key of a map, which JSON does not have`, hint || 'a key is a text');
  }

  #walkAlias(alias: Alias): number {
    this.#aliases += 1;
    if (this.#aliases === most.aliases + 1) this.#add(alias, `more than ${most.aliases} aliases`);
    const target = this.#anchors.get(alias.source);
    if (!target) this.#add(alias, `the alias *${alias.source} names no anchor before it`);
    else if (!isScalar(target) && !this.#sizes.has(target)) {
      this.#add(alias, `the alias *${alias.source} is inside of what it names`);
    } else this.targets.set(alias, target);
    return (target && this.#sizes.get(target)) ?? 1;
  }

  #checkScalar(scalar: Scalar): void {
    if (typeof scalar.value === 'number') checkNumber(scalar, scalar.value, this.#add);
    if (typeof scalar.value === 'string') checkText(scalar, scalar.value, this.#add);
  }

  readonly #add = (node: Node, message: string, hint?: string): void => {
    this.hazards.push({ message, offset: node.range?.[0] ?? 0, ...(hint && { hint }) });
  };
}

type Add = (node: Node, message: string, hint?: string) => void;

/** Of YAML's own types, these have no like in JSON. */
function checkTag(node: Node, add: Add): void {
  const [, type] = /^tag:yaml\.org,2002:(binary|omap|pairs|set|timestamp)$/.exec(node.tag ?? '') ?? [];
  if (type) add(node, `!!${type} has no place in JSON`);
}

function checkNumber(scalar: Scalar, value: number, add: Add): void {
  if (!Number.isFinite(value)) add(scalar, `${scalar.source} has no place in JSON`);
  else if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    add(scalar, `${scalar.source} is too large to be kept exactly as a number: put it in quotes`);
  }
}

/** No program can be given NUL in its arguments or environment, and UTF-8 has no lone surrogates. */
function checkText(scalar: Scalar, text: string, add: Add): void {
  if (text.includes('\0')) {
    add(scalar, 'the text holds NUL, which no program can be given', 'in single quotes, \\0 stays a backslash and a 0');
  } else if (!text.isWellFormed()) add(scalar, 'the text holds a half of a surrogate pair, which is no character');
}

import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import { keyText } from './yaml-key.ts';
import { type AliasTargets, isMergeKey, mergeSources } from './yaml-value.ts';

export interface Hazard {
  message: string;
  offset: number;
  hint?: string;
}

/** Safety limits, far above real files: levels, aliases of a document, and its values with the aliases expanded. */
const max = { depth: 200, aliases: 100, values: 100_000 };

/**
 * Finds valid YAML that we cannot store, in the order of the text: duplicate keys, `__proto__`, keys that are not strings,
 * dangling or recursive aliases, values that JSON or a double cannot represent, and excessive size. Also returns the targets
 * of the aliases, which are reliable only when there are no hazards.
 */
export function findHazards(document: Document): { hazards: Hazard[]; targets: AliasTargets } {
  const finder = new HazardFinder();
  finder.walk(document.contents, 0);
  return finder;
}

class HazardFinder {
  readonly hazards: Hazard[] = [];
  readonly targets = new Map<Alias, Node>();
  /** Nodes by the newest anchor of a name, and the number of their values with aliases expanded. */
  readonly #anchors = new Map<string, Node>();
  readonly #sizes = new Map<Node, number>();
  #aliases = 0;
  #isTooLarge = false;

  /** Returns the number of values in a node, with aliases expanded. */
  walk(node: Node | null, depth: number): number {
    if (node === null) return 1;
    if (depth > max.depth) {
      if (!this.#isTooLarge) this.#add(node, `this is nested too deeply, over ${max.depth} levels`);
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
          this.#add(key, '<< merges maps, and this is not a map', 'write <<: *anchor, or put "<<" in quotes');
        }
      }
    }
    if (size > max.values && !this.#isTooLarge) {
      this.#add(node, `this exceeds the limit of ${max.values} values with its aliases expanded`);
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
      if (keys.has(name)) this.#add(key, `duplicate key "${name.slice(0, 80)}"`);
      if (name === '__proto__') this.#add(key, 'the key "__proto__" cannot be used');
      checkText(key, name, this.#add);
      checkTag(key, this.#add);
      keys.add(name);
    }
  }

  /** Reports a key that is not a string. Unquoted braces, as in `url: {{a.url}}`, are a map as the key of a map. */
  #addKey(key: Node): void {
    const [inner] = isMap<Node, Node | null>(key) ? key.items : [];
    const name = inner && inner.value === null && isScalar(inner.key) ? keyText(inner.key) : undefined;
    const hint = name !== undefined && `put it in quotes: "{{${name}}}"`;
    const kind = isMap(key) ? 'a map' : isSeq(key) ? 'a list' : 'an alias';
    this.#add(key, `${kind} is used as a key, which JSON does not allow`, hint || 'use a string as the key');
  }

  #walkAlias(alias: Alias): number {
    this.#aliases += 1;
    if (this.#aliases === max.aliases + 1) this.#add(alias, `more than ${max.aliases} aliases`);
    const target = this.#anchors.get(alias.source);
    if (!target) this.#add(alias, `the alias *${alias.source} has no anchor before it`);
    else if (!isScalar(target) && !this.#sizes.has(target)) {
      this.#add(alias, `the alias *${alias.source} refers to a node that contains it`);
    } else this.targets.set(alias, target);
    return (target && this.#sizes.get(target)) ?? 1;
  }

  #checkScalar(scalar: Scalar): void {
    if (typeof scalar.value === 'number') checkNumber(scalar, scalar.value, this.#add);
    if (typeof scalar.value === 'string') checkText(scalar, scalar.value, this.#add);
  }

  readonly #add = (node: Node, message: string, hint?: string): void => {
    this.hazards.push({ message, offset: node.range?.[0] ?? 0, hint });
  };
}

type Add = (node: Node, message: string, hint?: string) => void;

/** Reports YAML's own types that JSON does not have. */
function checkTag(node: Node, add: Add): void {
  const [, type] = /^tag:yaml\.org,2002:(binary|omap|pairs|set|timestamp)$/.exec(node.tag ?? '') ?? [];
  if (type) add(node, `!!${type} cannot be represented in JSON`);
}

function checkNumber(scalar: Scalar, value: number, add: Add): void {
  if (!Number.isFinite(value)) add(scalar, `${scalar.source} cannot be represented in JSON`);
  else if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    add(scalar, `${scalar.source} is too large to be stored exactly as a number: put it in quotes`);
  }
}

/** Reports NUL, which arguments and environments cannot contain, and lone surrogates, which UTF-8 cannot represent. */
function checkText(scalar: Scalar, text: string, add: Add): void {
  if (text.includes('\0')) {
    add(
      scalar,
      'the text contains a NUL character, which cannot be passed to a program',
      'in single quotes, \\0 stays a backslash and a 0',
    );
  } else if (!text.isWellFormed()) add(scalar, 'the text contains a lone surrogate, which is not a valid character');
}

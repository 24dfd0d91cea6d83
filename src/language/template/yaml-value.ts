import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import { keyText } from './yaml-key.ts';

export type YamlPair = Pair<Node, Node | null>;

/** Targets of the aliases of a document. */
export type AliasTargets = ReadonlyMap<Alias, Node>;

/** Returns true for `<<` without quotes, which merges other maps into its own (YAML 1.1's type merge). */
export function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}

/** Returns the node itself, or the target of an alias. */
export function targetOf(node: Node | null | undefined, targets: AliasTargets): Node | null {
  return (isAlias(node) ? targets.get(node) : node) ?? null;
}

/** Returns the maps of a merge key, by precedence; undefined when one of them is not a map. */
export function mergeSources(value: Node | null, targets: AliasTargets): YAMLMap<Node, Node | null>[] | undefined {
  const target = targetOf(value, targets);
  const nodes = isSeq<Node>(target) ? target.items.map((item) => targetOf(item, targets)) : [target];
  return nodes.every((node) => isMap<Node, Node | null>(node)) ? nodes : undefined;
}

/**
 * Returns the pairs of a map by key, including merged ones; the map's own keys win. Keeps the order of the text, with merged
 * keys in the place of their `<<`.
 */
export function pairsOf(map: YAMLMap<Node, Node | null>, targets: AliasTargets): Map<string, YamlPair> {
  const pairs = new Map<string, YamlPair>();
  const merged = new Set<string>();
  for (const pair of map.items) {
    if (!isMergeKey(pair.key)) {
      const name = keyText(pair.key);
      if (!pairs.has(name) || merged.delete(name)) pairs.set(name, pair);
      continue;
    }
    for (const source of mergeSources(pair.value, targets) ?? []) {
      for (const [name, one] of pairsOf(source, targets)) {
        if (pairs.has(name)) continue;
        pairs.set(name, one);
        merged.add(name);
      }
    }
  }
  return pairs;
}

/** Converts a node to JSON, with aliases and merge keys expanded. Keys keep their written text. */
export function toValue(node: Node | null, targets: AliasTargets): unknown {
  const target = targetOf(node, targets);
  if (isScalar(target)) return target.value;
  if (isSeq<Node | null>(target)) return target.items.map((item) => toValue(item, targets));
  if (!isMap<Node, Node | null>(target)) return null;
  const pairs = [...pairsOf(target, targets)];
  return Object.fromEntries(pairs.map(([key, { value }]) => [key, toValue(value, targets)]));
}

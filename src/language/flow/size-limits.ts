/** Limits of an input with its aliases expanded: characters and levels (MongoDB stores 100 levels). */
const max = { characters: 1_000_000, depth: 50 };

/** Returns the reason why a value is too large to be stored; undefined when it is not. Stops counting at the limit. */
export function findSizeExcess(value: unknown): string | undefined {
  let characters = 0;
  const walk = (part: unknown, depth: number): string | undefined => {
    if (depth > max.depth) return `it is nested more than ${max.depth} levels deep`;
    characters += typeof part === 'string' ? part.length : 1;
    if (characters > max.characters)
      return `with its aliases expanded it exceeds the limit of ${max.characters} characters`;
    if (typeof part !== 'object' || part === null) return undefined;
    for (const [key, member] of Object.entries(part)) {
      characters += key.length;
      const problem = walk(member, depth + 1);
      if (problem) return problem;
    }
    return undefined;
  };
  return walk(value, 0);
}

/** What one step's input may hold once its aliases are written out: characters and levels (MongoDB keeps 100 levels). */
const most = { characters: 1_000_000, depth: 50 };

/** Why a value is too large to be kept; undefined when it is not. Stops counting at the limit. */
export function tooLarge(value: unknown): string | undefined {
  let characters = 0;
  const walk = (part: unknown, depth: number): string | undefined => {
    if (depth > most.depth) return `it is nested more than ${most.depth} levels deep`;
    characters += typeof part === 'string' ? part.length : 1;
    if (characters > most.characters) return `with its aliases written out it is over ${most.characters} characters`;
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

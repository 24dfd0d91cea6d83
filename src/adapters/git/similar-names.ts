/** Returns up to `count` names that are similar to the wanted one: one contains the other, or few letters differ. */
export function findSimilarNames(wanted: string, names: readonly string[], count = 5): string[] {
  const key = wanted.toLowerCase();
  const limit = Math.max(2, Math.floor(key.length / 3));
  return names
    .map((name) => {
      const text = name.toLowerCase();
      return { name, distance: text.includes(key) || key.includes(text) ? 1 : editDistance(key, text, limit) };
    })
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, count)
    .map(({ name }) => name);
}

/** Returns the Levenshtein distance, or `limit` + 1 when the lengths differ by more than `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

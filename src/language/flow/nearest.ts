/** The work grows with the product of two names' lengths, and nobody mistypes a longer one. */
const longest = 100;

/** The candidate that a mistyped name most likely meant; undefined when none is close (Levenshtein distance). */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > longest) return undefined;
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    if (candidate.length > longest || Math.abs(name.length - candidate.length) >= least) continue;
    const far = distance(name.toLowerCase(), candidate.toLowerCase());
    if (far < least) {
      best = candidate;
      least = far;
    }
  }
  return best;
}

/** `did you mean "x"?`, or else the names that exist, as a hint. */
export function hintFor(name: string, candidates: readonly string[], what: string): string {
  const close = nearest(name, candidates);
  if (close !== undefined) return `did you mean "${close}"?`;
  if (candidates.length === 0) return `there are no ${what}`;
  const shown = candidates
    .slice(0, 20)
    .map((one) => one.slice(0, longest))
    .join(', ');
  return `${what}: ${shown}${candidates.length > 20 ? ', …' : ''}`;
}

function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}

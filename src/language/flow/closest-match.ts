/** Maximum length of a compared name; the cost is the product of both lengths. */
const maxLength = 100;

/** Returns the closest candidate of a mistyped name (Levenshtein distance); undefined when none is close. */
export function closestMatch(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > maxLength) return undefined;
  let best: string | undefined;
  let smallest = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    if (candidate.length > maxLength || Math.abs(name.length - candidate.length) >= smallest) continue;
    const far = distance(name.toLowerCase(), candidate.toLowerCase());
    if (far < smallest) {
      best = candidate;
      smallest = far;
    }
  }
  return best;
}

/** Returns a hint: `did you mean "x"?`, or else the existing names. */
export function hintFor(name: string, candidates: readonly string[], what: string): string {
  const close = closestMatch(name, candidates);
  if (close !== undefined) return `did you mean "${close}"?`;
  if (candidates.length === 0) return `there are no ${what}`;
  const shown = candidates
    .slice(0, 20)
    .map((one) => one.slice(0, maxLength))
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

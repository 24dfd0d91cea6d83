const maxNames = 10;

/** Joins names for a sentence: at most the first ten, and the number of the others. */
export function joinNames(names: readonly string[]): string {
  const more = names.length - maxNames;
  return names.slice(0, maxNames).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

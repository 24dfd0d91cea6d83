const mostNames = 10;

/** Names in a sentence: all of a few, of many the first ones and how many more. */
export function named(names: readonly string[]): string {
  const more = names.length - mostNames;
  return names.slice(0, mostNames).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

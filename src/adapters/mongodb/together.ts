/** Items that are written together, and the results of all of them, in their order. */
interface Block<T, R> {
  items: T[];
  results: Promise<R[]>;
}

/**
 * Writes one block of items after the other: what comes while a block is under way goes with the next one. So they are
 * written in the order of the calls, and many at a time take hardly longer than one. A block fails as a whole.
 */
export function together<T, R>(write: (items: readonly T[]) => Promise<R[]>): (item: T) => Promise<R> {
  let before: Promise<unknown> = Promise.resolve();
  let open: Block<T, R> | undefined;
  const begin = (): Block<T, R> => {
    const items: T[] = [];
    const results = before.then(() => {
      open = undefined;
      return write(items);
    });
    before = results.catch(() => undefined); // Who waits for its items hears of it.
    return { items, results };
  };
  return async (item) => {
    open ??= begin();
    const { items, results } = open;
    const place = items.push(item) - 1;
    return (await results)[place] as R;
  };
}

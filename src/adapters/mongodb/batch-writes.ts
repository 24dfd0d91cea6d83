/** Items that are written together, and their results in the same order. */
interface Batch<T, R> {
  items: T[];
  results: Promise<R[]>;
}

/**
 * Batches writes: items that arrive during a write go into the next batch. So they are written in the order of the
 * calls, and many concurrent items take hardly longer than one. A batch fails as a whole.
 */
export function batchWrites<T, R>(write: (items: readonly T[]) => Promise<R[]>): (item: T) => Promise<R> {
  let before: Promise<unknown> = Promise.resolve();
  let open: Batch<T, R> | undefined;
  const begin = (): Batch<T, R> => {
    const items: T[] = [];
    const results = before.then(() => {
      open = undefined;
      return write(items);
    });
    before = results.catch(() => undefined); // Callers get the error from `results`.
    return { items, results };
  };
  return async (item) => {
    open ??= begin();
    const { items, results } = open;
    const index = items.push(item) - 1;
    return (await results)[index] as R;
  };
}

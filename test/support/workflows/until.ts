/** Waits until `look` gives a value that is not false; the test's own time limit is the bound. */
export async function until<T>(look: () => Promise<T> | T): Promise<Exclude<T, undefined | false | null>> {
  for (;;) {
    const found = await look();
    if (found) return found as Exclude<T, undefined | false | null>;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Waits until `look` returns a truthy value; the time limit of the test is the bound. */
export async function until<T>(look: () => Promise<T> | T): Promise<Exclude<T, undefined | false | null>> {
  for (;;) {
    const found = await look();
    if (found) return found as Exclude<T, undefined | false | null>;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/**
 * Sends the newest of the offered values: the first at once, then at most one every `intervalMs`. A value that was not
 * sent is superseded by the next one, or by the result of the activity.
 */
export function createThrottle<T>(intervalMs: number, send: (value: T) => Promise<void>) {
  let newest: T | undefined;
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    timer = undefined;
    if (newest === undefined) return;
    const value = newest;
    newest = undefined;
    timer = setTimeout(flush, intervalMs);
    // The result of the activity has the same data, so a lost signal only delays the report.
    send(value).catch(() => undefined);
  };

  return {
    offer(value: T): void {
      newest = value;
      if (!timer) flush();
    },
    close(): void {
      clearTimeout(timer);
      newest = undefined;
    },
  };
}

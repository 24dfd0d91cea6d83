/**
 * Sends the newest of the offered values, the first at once and then at most one every `interval` milliseconds.
 * A value that was not sent is superseded by the next, or by the activity's own result.
 */
export function throttled<T>(interval: number, send: (value: T) => Promise<void>) {
  let newest: T | undefined;
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    timer = undefined;
    if (newest === undefined) return;
    const value = newest;
    newest = undefined;
    timer = setTimeout(flush, interval);
    // The result of the activity carries the same, so a lost signal is only a later report.
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

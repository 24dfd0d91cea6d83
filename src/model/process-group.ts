/** Grace period between SIGTERM and SIGKILL, in milliseconds. */
const graceMs = 5_000;

/** Sends a signal to all processes of a group. Ignores a group that has ended or was not started (undefined). */
export function killGroup(group: number | undefined, name: NodeJS.Signals): void {
  if (group === undefined) return;
  try {
    process.kill(-group, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Ends a process group when `signal` aborts: SIGTERM, then SIGKILL after 5 s. Returns a function that cancels this. */
export function endGroupOnAbort(group: number | undefined, signal: AbortSignal): () => void {
  let kill: NodeJS.Timeout | undefined;
  const end = (): void => {
    killGroup(group, 'SIGTERM');
    kill = setTimeout(() => killGroup(group, 'SIGKILL'), graceMs);
  };
  if (signal.aborted) end();
  signal.addEventListener('abort', end);
  return () => {
    signal.removeEventListener('abort', end);
    clearTimeout(kill);
  };
}

/** Milliseconds that a group has to end itself after SIGTERM, before SIGKILL. */
const grace = 5_000;

/** Sends a signal to all processes of a group. One that has ended, or could not be started (undefined), is no error. */
export function killGroup(group: number | undefined, name: NodeJS.Signals): void {
  if (group === undefined) return;
  try {
    process.kill(-group, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Ends a process group from the abort of `signal` on: SIGTERM, then SIGKILL after 5 s. Call what it returns to let go. */
export function endGroupAtAbort(group: number | undefined, signal: AbortSignal): () => void {
  let kill: NodeJS.Timeout | undefined;
  const end = (): void => {
    killGroup(group, 'SIGTERM');
    kill = setTimeout(() => killGroup(group, 'SIGKILL'), grace);
  };
  if (signal.aborted) end();
  signal.addEventListener('abort', end);
  return () => {
    signal.removeEventListener('abort', end);
    clearTimeout(kill);
  };
}

/** Returns the log message of a step for the restart of a replica that exited before it was ready. */
export function describeRestart(
  name: string,
  exitCode: number | undefined,
  count: number,
  maxRestarts: number,
): string {
  const code = `exit code ${exitCode ?? 'unknown'}`;
  return `${name}: ended with ${code} before it was ready; restarting (${count} of at most ${maxRestarts})`;
}

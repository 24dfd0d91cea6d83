/** What a step's log says of a replica that has exited before it was ready, and is started again. */
export function restarting(name: string, exitCode: number | undefined, count: number, maxRestarts: number): string {
  const code = `exit code ${exitCode ?? 'unknown'}`;
  return `${name}: ended with ${code} before it was ready, and is started again (${count} of at most ${maxRestarts})`;
}

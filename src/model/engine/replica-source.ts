/** Returns the source of a replica's log lines and waits: `<instance>-<index>`, spelled as in the flow. */
export function replicaSource(instance: string, index: number | string): string {
  return `${instance}-${index}`;
}

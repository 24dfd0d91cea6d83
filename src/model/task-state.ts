/** `held`: the test failed, and its environment is kept for a while. */
export const taskStates = ['init', 'building', 'running', 'held', 'success', 'error', 'canceled'] as const;

export type TaskState = (typeof taskStates)[number];

export const finalStates: readonly TaskState[] = ['success', 'error', 'canceled'];

/** Returns true for a final state of a task or a build. */
export function isFinal(state: string): boolean {
  return (finalStates as readonly string[]).includes(state);
}

/** `held`: the test has failed, and its environment is kept for a while. */
export const taskStates = ['init', 'building', 'running', 'held', 'success', 'error', 'canceled'] as const;

export type TaskState = (typeof taskStates)[number];

export const finalStates: readonly TaskState[] = ['success', 'error', 'canceled'];

/** Also of a build's state, which is one of a task's when it is final. */
export function isFinal(state: string): boolean {
  return (finalStates as readonly string[]).includes(state);
}

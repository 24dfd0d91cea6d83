/** Causes of a task that did not succeed. */
export const outcomes = ['test', 'build', 'infrastructure', 'configuration', 'timeout', 'stopped'] as const;

export type Outcome = (typeof outcomes)[number];

import { findReferences, secretSource } from '../../language/flow/reference-syntax.ts';
import type { StepSpec } from '../../model/flow.ts';

/** Returns the names of the secrets that steps refer to, each once. */
export function findSecrets(steps: readonly Pick<StepSpec, 'input'>[]): string[] {
  const references = steps.flatMap(({ input }) => findReferences(input).references);
  const names = references.flatMap(({ source, path: [name] }) => (source === secretSource && name ? [name] : []));
  return [...new Set(names)];
}

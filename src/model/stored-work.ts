import type { WorkFile, WorkStep } from './work.ts';

/**
 * The stored form of a work file: each plugin's definition once, by name and version. A ConfigMap is limited to 1 MB.
 */
type StoredWork = Omit<WorkFile, 'steps'> & {
  plugins: Record<string, WorkStep['def']>;
  steps: (Omit<WorkStep, 'def'> & { def: string })[];
};

/** Serializes a work file. */
export function storeWork(work: WorkFile): string {
  const plugins: StoredWork['plugins'] = {};
  const steps = work.steps.map(({ def, ...step }) => {
    const key = `${def.name}@${def.version}`;
    plugins[key] ??= def;
    return { ...step, def: key };
  });
  return JSON.stringify({ ...work, plugins, steps } satisfies StoredWork);
}

/**
 * Parses a stored work file. It was written by the same commit of the product, so it is read without zod, which takes
 * longer to load than all of the runner.
 */
export function loadWork(text: string): WorkFile {
  const { plugins, steps, ...work }: StoredWork = JSON.parse(text);
  return { ...work, steps: steps.map((step) => ({ ...step, def: definitionOf(plugins, step.def) })) };
}

function definitionOf(plugins: StoredWork['plugins'], key: string): WorkStep['def'] {
  const def = plugins[key];
  if (!def) throw new Error(`the work file has no plugin ${key}`);
  return def;
}

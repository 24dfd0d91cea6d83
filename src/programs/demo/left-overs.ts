import type { Runtime } from '../../model/engine/runtime.ts';

/** What the engine or the cluster still has of the tasks. */
export async function leftOvers(runtime: Pick<Runtime, 'objects'>, testIds: readonly string[]): Promise<string[]> {
  const found = await Promise.all(testIds.map((testId) => runtime.objects(testId)));
  return found.flat().map(({ kind, name }) => `${kind} ${name}`);
}

import type { Runtime } from '../../model/engine/runtime.ts';

/** Returns the objects of the tasks that remain on the engine or the cluster. */
export async function listLeftovers(
  runtime: Pick<Runtime, 'listObjects'>,
  testIds: readonly string[],
): Promise<string[]> {
  const found = await Promise.all(testIds.map((testId) => runtime.listObjects(testId)));
  return found.flat().map(({ kind, name }) => `${kind} ${name}`);
}

import type { BisectStore, BisectWorkflows } from '../../model/ports/bisects.ts';

export interface SettleLostBisectsPorts {
  bisects: BisectStore;
  bisectWorkflows: BisectWorkflows;
}

/** Settles the records of searches whose workflows were terminated. */
export async function settleLostBisects({ bisects, bisectWorkflows }: SettleLostBisectsPorts): Promise<void> {
  for (const { id } of await bisects.running()) {
    if (await bisectWorkflows.isRunning(id)) continue;
    // Read second: a workflow settles its record before it ends.
    const search = await bisects.get(id);
    if (search?.state !== 'running') continue;
    const error = { code: 'stopped', message: 'its workflow was terminated in Temporal' } as const;
    const finishedAt = new Date().toISOString();
    await bisects.put({ ...search, state: 'canceled', error, finishedAt }, Number.MAX_SAFE_INTEGER);
  }
}

import type { BuildStore, BuildWorkflows } from '../../model/ports/builds.ts';
import { endBuild } from './end-build.ts';

export interface SettleLostBuildsPorts {
  builds: BuildStore;
  buildWorkflows: BuildWorkflows;
}

/** Time limit for the begin of a joined build, in milliseconds. */
const beginTimeoutMs = 600_000;

/** Settles the records of builds that were terminated while no task waited for them. */
export async function settleLostBuilds(ports: SettleLostBuildsPorts): Promise<void> {
  for (const { id, runId, createdAt } of await ports.builds.unsettled()) {
    if (runId === '' && Date.now() - createdAt.getTime() < beginTimeoutMs) continue;
    if ((await ports.buildWorkflows.running(id)) !== undefined) continue;
    const error = { code: 'build_failed', message: 'its workflow was terminated in Temporal' } as const;
    await endBuild(ports, { buildId: id, error }, runId);
  }
}

import type { BisectActivities } from '../src/model/activities.ts';
import { type SettleLostBisectsPorts, settleLostBisects } from '../src/services/bisects/settle-lost-bisects.ts';
import type { AcceptPorts } from '../src/services/jobs/accept-run.ts';
import { execImmediately } from '../src/services/jobs/exec-immediately.ts';

/** What searches for commits do besides waiting for their tasks. */
export function createBisectActivities(ports: AcceptPorts & SettleLostBisectsPorts): BisectActivities {
  return {
    async startRun({ jobId, lockfileOf, versions, by, key }) {
      // A task whose environment is held would keep the search waiting.
      const run = { versions, globalProperties: {}, lockfileOf, holdOnFailure: '0s' };
      return (await execImmediately(ports, jobId, { run, by, key })).taskId;
    },
    settleLostBisects: () => settleLostBisects(ports),
    recordBisect: ({ bisect, step }) => ports.bisects.put(bisect, step),
  };
}

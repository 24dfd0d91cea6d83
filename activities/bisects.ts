import { type SettleLostBisectsPorts, settleLostBisects } from '../src/bisects/settle-lost-bisects.ts';
import type { AcceptPorts } from '../src/jobs/accept-run.ts';
import { execImmediately } from '../src/jobs/exec-immediately.ts';
import type { BisectActivities } from '../src/model/activities.ts';

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

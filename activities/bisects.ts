import type { BisectActivities } from '../src/model/activities.ts';
import { type SettleLostBisectsPorts, settleLostBisects } from '../src/services/bisects/settle-lost-bisects.ts';
import type { AcceptPorts } from '../src/services/jobs/accept-run.ts';
import { runJob } from '../src/services/jobs/run-job.ts';

/** Creates the activities of bisects, except for the wait for their tasks. */
export function createBisectActivities(ports: AcceptPorts & SettleLostBisectsPorts): BisectActivities {
  return {
    async startRun({ jobId, lockfileOf, versions, by, key }) {
      // A held environment would delay the search.
      const run = { versions, globalProperties: {}, lockfileOf, holdOnFailure: '0s' };
      return (await runJob(ports, jobId, { run, by, key })).taskId;
    },
    settleLostBisects: () => settleLostBisects(ports),
    recordBisect: ({ bisect, step }) => ports.bisects.put(bisect, step),
  };
}

import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { janitorScheduleId, queues } from '../../model/queues.ts';

/** Creates the janitor's schedule if it is missing: every minute, one run at a time, missed runs are skipped. */
export async function ensureJanitor(client: Client): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId: janitorScheduleId,
      spec: { intervals: [{ every: '1 minute' }] },
      action: { type: 'startWorkflow', workflowType: 'janitor', workflowId: 'janitor', taskQueue: queues.control },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '10 seconds' },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}

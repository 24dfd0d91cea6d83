import { type Client, ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Schedules } from '../model/durable-ports.ts';
import type { Job } from '../model/job.ts';
import { queues, scheduleId } from '../model/queues.ts';
import { scheduleSpec } from './schedule-spec.ts';
import { soonBy } from './unanswered.ts';

const prefix = scheduleId('');

/** Schedules of cron jobs on a Temporal client. What a schedule was made of is in its action's argument, to tell whether it differs. */
export function createSchedules(client: Client): Schedules {
  const soon = soonBy(client);
  const handle = (jobId: string) => client.schedule.getHandle(scheduleId(jobId));
  const describe = async (jobId: string) => {
    try {
      return await soon(() => handle(jobId).describe());
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return undefined;
      throw error;
    }
  };
  return {
    async ensure(job) {
      const { fingerprint, schedule } = settings(job);
      const existing = await describe(job.id);
      if (!existing) {
        try {
          const state = { paused: job.pause !== undefined, ...(job.pause && { note: noteOf(job.pause) }) };
          await soon(() => client.schedule.create({ scheduleId: scheduleId(job.id), ...schedule, state }));
          return 'created';
        } catch (error) {
          // Somebody else was quicker: then it is compared like any other.
          if (!(error instanceof ScheduleAlreadyRunning)) throw error;
        }
      }
      const made = existing?.action.args?.[0] as { fingerprint?: string } | undefined;
      if (made?.fingerprint === fingerprint) return 'unchanged';
      await soon(() => handle(job.id).update((previous) => ({ ...schedule, state: previous.state })));
      return 'updated';
    },

    async remove(jobId) {
      try {
        await soon(() => handle(jobId).delete());
      } catch (error) {
        if (!(error instanceof ScheduleNotFoundError)) throw error;
      }
    },

    pause: (jobId, note) => soon(() => handle(jobId).pause(note)),
    resume: (jobId, note) => soon(() => handle(jobId).unpause(note)),

    async describe(jobId) {
      const found = await describe(jobId);
      if (!found) return undefined;
      const { paused, note } = found.state;
      return { paused, ...(note && { note }), next: found.info.nextActionTimes };
    },

    async list() {
      const found: string[] = [];
      for await (const { scheduleId: id } of client.schedule.list()) {
        if (id.startsWith(prefix)) found.push(id.slice(prefix.length));
      }
      return found;
    },
  };
}

function noteOf({ by, note }: NonNullable<Job['pause']>): string {
  return `paused by ${by}${note ? `: ${note}` : ''}`;
}

/** Everything but the pause; `fingerprint` is another one when anything of it is. */
function settings(job: Job) {
  const spec = scheduleSpec(job);
  const catchupWindow = (job.catchUpSeconds ?? 600) * 1000;
  const fingerprint = JSON.stringify([spec, catchupWindow, job.name]);
  const action = {
    type: 'startWorkflow' as const,
    workflowType: 'fire',
    workflowId: `fire/${job.id}`,
    taskQueue: queues.control,
    args: [{ jobId: job.id, fingerprint }],
    staticSummary: `run of job ${job.name}`,
  };
  // The entity decides about overlap: a schedule does not see runs by hand.
  const policies = { overlap: ScheduleOverlapPolicy.ALLOW_ALL, catchupWindow };
  return { fingerprint, schedule: { spec, action, policies } };
}

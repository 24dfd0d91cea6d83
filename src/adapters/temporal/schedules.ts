import { createHash } from 'node:crypto';
import {
  type Client,
  isGrpcServiceError,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  ServiceError,
} from '@temporalio/client';
import { Fault } from '../../model/fault.ts';
import type { Job } from '../../model/job.ts';
import type { Schedules } from '../../model/ports/schedules.ts';
import { queues, scheduleId } from '../../model/queues.ts';
import { horizonAt, scheduleSpec } from './schedule-spec.ts';
import { createDeadline } from './with-deadline.ts';

const prefix = scheduleId('');

/** Creates the schedules of cron jobs on a Temporal client. The action's argument holds a fingerprint to detect changes. */
export function createSchedules(client: Client): Schedules {
  const withDeadline = createDeadline(client);
  const handle = (jobId: string) => client.schedule.getHandle(scheduleId(jobId));
  const describe = async (jobId: string) => {
    try {
      return await withDeadline(() => handle(jobId).describe());
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return undefined;
      throw error;
    }
  };
  return {
    async ensure(job) {
      const { fingerprint, single, schedule } = settings(job);
      const existing = await describe(job.id);
      if (!existing) {
        try {
          const state = { paused: job.pause !== undefined, ...(job.pause && { note: noteOf(job.pause) }) };
          await rejectInvalidSpec(() =>
            withDeadline(() => client.schedule.create({ scheduleId: scheduleId(job.id), ...schedule, state })),
          );
          return 'created';
        } catch (error) {
          // Another process created it first: it is compared like any other.
          if (!(error instanceof ScheduleAlreadyRunning)) throw error;
        }
      }
      const stored = existing?.action.args?.[0] as { fingerprint?: string; single?: string } | undefined;
      const isEqual = stored?.fingerprint === fingerprint;
      if (isEqual && stored?.single === single) return 'unchanged';
      await rejectInvalidSpec(() =>
        withDeadline(() => handle(job.id).update((previous) => ({ ...schedule, state: previous.state }))),
      );
      return isEqual ? 'refreshed' : 'updated';
    },

    async remove(jobId) {
      await changeIfExists(() => withDeadline(() => handle(jobId).delete()));
    },

    pause: (jobId, note) => changeIfExists(() => withDeadline(() => handle(jobId).pause(truncateNote(note)))),
    resume: (jobId, note) => changeIfExists(() => withDeadline(() => handle(jobId).unpause(truncateNote(note)))),

    async describe(jobId) {
      const found = await describe(jobId);
      if (!found) return undefined;
      const { paused, note } = found.state;
      return { paused, ...(note && { note }), createdAt: found.info.createdAt };
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

/** Changes a schedule. Returns false when it does not exist. */
async function changeIfExists(change: () => Promise<unknown>): Promise<boolean> {
  try {
    await change();
    return true;
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    return false;
  }
}

/** gRPC's INVALID_ARGUMENT (grpc/grpc doc/statuscodes.md). */
const invalidArgument = 3;

/** Runs a change. Throws `input_invalid` when the server rejects the specification, for example an unknown time zone. */
async function rejectInvalidSpec(change: () => Promise<unknown>): Promise<void> {
  try {
    await change();
  } catch (error) {
    const reason = rejectionReason(error);
    if (reason === undefined) throw error;
    const where = { path: /time ?zone/i.test(reason) ? 'timezone' : 'cronExpression' };
    const message = `Temporal rejects the schedule: ${reason}`;
    throw new Fault('input_invalid', message, { where, issues: [{ message, where }], cause: error });
  }
}

/** Returns the server's reason: the client throws a TypeError with it on create, and the gRPC error on update. */
function rejectionReason(error: unknown): string | undefined {
  if (error instanceof TypeError) return error.message;
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && cause.code === invalidArgument ? cause.details : undefined;
}

function noteOf({ by, note }: NonNullable<Job['pause']>): string {
  return truncateNote(`paused by ${by}${note ? `: ${note}` : ''}`);
}

/** Temporal's limit of a note (server 1.29, frontend); the job's record keeps the whole note. */
const maxNoteBytes = 1000;

function truncateNote(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= maxNoteBytes) return note;
  const end = bytes.subarray(0, maxNoteBytes - 3).toString();
  // A character that was cut in the middle is decoded as U+FFFD.
  return `${end.replace(/\uFFFD$/, '')}…`;
}

/** Returns everything but the pause; `fingerprint` changes with the job, `single` with the horizon. */
function settings(job: Job) {
  const spec = scheduleSpec(job, horizonAt(new Date()));
  const catchupWindow = (job.catchUpSeconds ?? 600) * 1000;
  const { intervals, ...times } = spec;
  const fingerprint = JSON.stringify([job.cronExpression, times, catchupWindow, job.name]);
  const single = createHash('sha256').update(JSON.stringify(intervals)).digest('hex').slice(0, 16);
  const action = {
    type: 'startWorkflow' as const,
    workflowType: 'fire',
    workflowId: `fire/${job.id}`,
    taskQueue: queues.control,
    args: [{ jobId: job.id, fingerprint, single }],
    staticSummary: `run of job ${job.name}`,
  };
  // The entity workflow applies the overlap policy: a schedule does not see manual runs.
  const policies = { overlap: ScheduleOverlapPolicy.ALLOW_ALL, catchupWindow };
  return { fingerprint, single, schedule: { spec, action, policies } };
}

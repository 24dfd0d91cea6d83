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
      const { fingerprint, single, schedule } = settings(job);
      const existing = await describe(job.id);
      if (!existing) {
        try {
          const state = { paused: job.pause !== undefined, ...(job.pause && { note: noteOf(job.pause) }) };
          await taken(() => soon(() => client.schedule.create({ scheduleId: scheduleId(job.id), ...schedule, state })));
          return 'created';
        } catch (error) {
          // Somebody else was quicker: then it is compared like any other.
          if (!(error instanceof ScheduleAlreadyRunning)) throw error;
        }
      }
      const made = existing?.action.args?.[0] as { fingerprint?: string; single?: string } | undefined;
      const isEqual = made?.fingerprint === fingerprint;
      if (isEqual && made?.single === single) return 'unchanged';
      await taken(() => soon(() => handle(job.id).update((previous) => ({ ...schedule, state: previous.state }))));
      return isEqual ? 'refreshed' : 'updated';
    },

    async remove(jobId) {
      await unlessMissing(() => soon(() => handle(jobId).delete()));
    },

    pause: (jobId, note) => unlessMissing(() => soon(() => handle(jobId).pause(short(note)))),
    resume: (jobId, note) => unlessMissing(() => soon(() => handle(jobId).unpause(short(note)))),

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

/** False when the schedule does not exist. */
async function unlessMissing(change: () => Promise<unknown>): Promise<boolean> {
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

/** A specification that this server does not take although ours is well-formed, such as a zone that it does not know. */
async function taken(change: () => Promise<unknown>): Promise<void> {
  try {
    await change();
  } catch (error) {
    const reason = refusalOf(error);
    if (reason === undefined) throw error;
    const where = { path: /time ?zone/i.test(reason) ? 'timezone' : 'cronExpression' };
    const message = `Temporal does not take the schedule: ${reason}`;
    throw new Fault('input_invalid', message, { where, mistakes: [{ message, where }], cause: error });
  }
}

/** The client throws a TypeError with the server's words at a create, and the error of the call itself at an update. */
function refusalOf(error: unknown): string | undefined {
  if (error instanceof TypeError) return error.message;
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && cause.code === invalidArgument ? cause.details : undefined;
}

function noteOf({ by, note }: NonNullable<Job['pause']>): string {
  return short(`paused by ${by}${note ? `: ${note}` : ''}`);
}

/** Temporal takes notes of at most 1,000 bytes (server 1.29, frontend); the record of the job has the whole one. */
const maxNoteBytes = 1000;

function short(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= maxNoteBytes) return note;
  const end = bytes.subarray(0, maxNoteBytes - 3).toString();
  // What was cut in the middle of a character is read as U+FFFD.
  return `${end.replace(/\uFFFD$/, '')}…`;
}

/** Everything but the pause; `fingerprint` is another one when anything of the job is, `single` as time goes on. */
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
  // The entity decides about overlap: a schedule does not see runs by hand.
  const policies = { overlap: ScheduleOverlapPolicy.ALLOW_ALL, catchupWindow };
  return { fingerprint, single, schedule: { spec, action, policies } };
}

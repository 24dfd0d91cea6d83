import { type Cron, parseCron } from '../../model/cron/cron.ts';
import { CronFieldError } from '../../model/cron/cron-fields.ts';
import { isStrayTime, nextTimes } from '../../model/cron/cron-times.ts';
import { canonicalTimezone } from '../../model/cron/timezone.ts';
import type { Job } from '../../model/job.ts';

/** Returns the next `n` times of a cron job after now; none for an expression that only an earlier release accepted. */
export function nextRuns(job: Job, n: number): Date[] {
  const cron = cronOf(job);
  return cron ? nextTimes(cron, timezoneOf(job), new Date(), n) : [];
}

/** Returns true for a time at which the schedule of a cron job fires but the job must not run; see schedule-spec.ts. */
export function isStrayRun(job: Job, at: Date): boolean {
  const cron = cronOf(job);
  return cron !== undefined && isStrayTime(cron, timezoneOf(job), at.getTime());
}

function cronOf({ cronExpression = '' }: Job): Cron | undefined {
  try {
    return parseCron(cronExpression);
  } catch (error) {
    if (!(error instanceof CronFieldError)) throw error;
    return undefined;
  }
}

function timezoneOf({ timezone = 'UTC' }: Job): string {
  return canonicalTimezone(timezone) ?? timezone;
}

import type { Job } from '../model/job.ts';

/** A cron job's times as Temporal takes them. */
export interface ScheduleSpecOf {
  cronExpressions: string[];
  timezone: string;
  jitter?: number;
}

/**
 * The times of a cron job. Where day of month and day of week are both restricted, cron fires when either matches (POSIX,
 * crontab), while Temporal wants both: then it gets two expressions, of which either will do.
 */
export function scheduleSpec({ cronExpression = '', timezone = 'UTC', jitterSeconds }: Job): ScheduleSpecOf {
  return {
    cronExpressions: eitherDay(cronExpression),
    timezone,
    ...(jitterSeconds && { jitter: jitterSeconds * 1000 }),
  };
}

function eitherDay(expression: string): string[] {
  const fields = expression.trim().split(/\s+/);
  const [minute, hour, dayOfMonth = '*', month, dayOfWeek = '*'] = fields;
  const restricted = (field: string): boolean => !field.startsWith('*');
  if (fields.length !== 5 || !restricted(dayOfMonth) || !restricted(dayOfWeek)) return [fields.join(' ')];
  return [`${minute} ${hour} ${dayOfMonth} ${month} *`, `${minute} ${hour} * ${month} ${dayOfWeek}`];
}

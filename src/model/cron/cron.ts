import { type CronFieldName, type CronFields, cronFieldNames, parseCronField } from './cron-fields.ts';

/** Macros of crontab(5), expanded to fields. */
export const cronMacros: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** A parsed cron expression: the times of a job by the clock of its time zone. */
export interface Cron extends CronFields {
  /** True when minute or hour begins with `*`: the job follows the clock. Otherwise each fixed time comes once a day. */
  wildcard: boolean;
}

/** Splits an expression into its fields, with macros expanded. An invalid expression may have more or fewer than five. */
export function splitCron(expression: string): string[] {
  const text = expression.trim();
  return (cronMacros[text.toLowerCase()] ?? text).split(/\s+/);
}

/** Parses an expression of five fields or a macro. Throws CronFieldError for the first invalid field. */
export function parseCron(expression: string): Cron {
  const texts = splitCron(expression);
  const fields = Object.fromEntries(
    cronFieldNames.map((name, index) => [name, parseCronField(name, texts[index] ?? '')]),
  ) as Record<CronFieldName, CronFields[CronFieldName]>;
  return { ...fields, wildcard: fields.minute.star || fields.hour.star };
}

/**
 * Returns true on the days of a cron expression. When day of month and day of week are both restricted, either may match; a
 * field that begins with `*` is not restricted in this sense (POSIX, crontab; crontab(5)).
 */
export function matchesDay({ dayOfMonth, month, dayOfWeek }: Cron, day: Date): boolean {
  if (!month.values.includes(day.getUTCMonth() + 1)) return false;
  const byMonth = dayOfMonth.values.includes(day.getUTCDate());
  const byWeek = dayOfWeek.values.includes(day.getUTCDay());
  return dayOfMonth.star || dayOfWeek.star ? byMonth && byWeek : byMonth || byWeek;
}

/** Maximum number of days of each month, from January. */
const monthLengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Returns false for an expression that never matches, such as the 30th of February. */
export function hasMatchingDay({ dayOfMonth, month, dayOfWeek }: Cron): boolean {
  if (!dayOfMonth.star && !dayOfWeek.star) return true;
  return month.values.some((one) => dayOfMonth.values.some((day) => day <= (monthLengths[one - 1] ?? 0)));
}

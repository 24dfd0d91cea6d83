import { type CronFieldName, type CronFields, cronFieldNames, readCronField } from './cron-fields.ts';

/** The macros of crontab(5) as fields. */
export const cronMacros: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** A cron expression: the times of a job by the clock of its time zone. */
export interface Cron extends CronFields {
  /** Minute or hour begins with `*`: the job goes with the clock. Any other has fixed times, of which each comes once a day. */
  wildcard: boolean;
}

/** The five fields of an expression as texts, macros expanded. There may be more or fewer. */
export function cronTexts(expression: string): string[] {
  const text = expression.trim();
  return (cronMacros[text.toLowerCase()] ?? text).split(/\s+/);
}

/** Reads an expression of five fields or a macro. Throws CronFieldError of the first field that is wrong. */
export function readCron(expression: string): Cron {
  const texts = cronTexts(expression);
  const fields = Object.fromEntries(
    cronFieldNames.map((name, index) => [name, readCronField(name, texts[index] ?? '')]),
  ) as Record<CronFieldName, CronFields[CronFieldName]>;
  return { ...fields, wildcard: fields.minute.star || fields.hour.star };
}

/**
 * True on the days of a cron expression. Where day of month and day of week are both restricted, either will do; one that
 * begins with `*` is not restricted in this sense (POSIX, crontab; crontab(5)).
 */
export function matchesDay({ dayOfMonth, month, dayOfWeek }: Cron, day: Date): boolean {
  if (!month.values.includes(day.getUTCMonth() + 1)) return false;
  const byMonth = dayOfMonth.values.includes(day.getUTCDate());
  const byWeek = dayOfWeek.values.includes(day.getUTCDay());
  return dayOfMonth.star || dayOfWeek.star ? byMonth && byWeek : byMonth || byWeek;
}

/** The most days that a month has, from January on. */
const monthLengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** True when some day will match: not of the 30th of February. */
export function hasDays({ dayOfMonth, month, dayOfWeek }: Cron): boolean {
  if (!dayOfMonth.star && !dayOfWeek.star) return true;
  return month.values.some((one) => dayOfMonth.values.some((day) => day <= (monthLengths[one - 1] ?? 0)));
}

import { cronMacros, hasMatchingDay, parseCron, splitCron } from '../../model/cron/cron.ts';
import { CronFieldError, cronFieldNames, parseCronField } from '../../model/cron/cron-fields.ts';
import { canonicalTimezone } from '../../model/cron/timezone.ts';
import type { Issue } from '../../model/fault.ts';

const macros = Object.keys(cronMacros).join(', ');
const form = 'write five fields, minute hour day-of-month month day-of-week, as in "30 2 * * 1-5", or one of';

/** Returns the issues of a cron expression, which has five fields as in crontab or is a macro such as `@daily`. */
export function cronIssues(expression: string): Issue[] {
  const where = { path: 'cronExpression' };
  const texts = splitCron(expression);
  const [first = ''] = texts;
  const hint = `${form} ${macros}`;
  if (first.startsWith('@')) return [{ message: `${expression.trim()} is not a known macro`, where, hint }];
  if (/^(CRON_)?TZ=/.test(first)) {
    return [{ message: 'the time zone is not part of the expression', where, hint: 'set it in timezone' }];
  }
  if (texts.length !== 5) return [{ message: `the expression has ${texts.length} fields instead of 5`, where, hint }];
  const issues = cronFieldNames.flatMap((name, index) => fieldIssues(() => parseCronField(name, texts[index] ?? '')));
  if (issues.length > 0) return issues;
  if (hasMatchingDay(parseCron(expression))) return [];
  const [, , days, months] = texts;
  return [
    {
      message: `this date never occurs: no month of ${months} has a day ${days}`,
      where,
      hint: 'use a day of month that one of the months has',
    },
  ];
}

function fieldIssues(read: () => unknown): Issue[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof CronFieldError)) throw error;
    return [{ message: error.message, where: { path: 'cronExpression' }, hint: error.hint }];
  }
}

/**
 * Returns the issues of a time zone name. Offsets and abbreviations are refused, as they have no daylight saving time.
 */
export function timezoneIssues(timezone: string): Issue[] {
  const canonical = canonicalTimezone(timezone);
  if (canonical !== undefined) return [];
  const message = `${JSON.stringify(timezone)} is not a time zone`;
  return [{ message, where: { path: 'timezone' }, hint: 'give an IANA name such as Europe/Berlin, or UTC' }];
}

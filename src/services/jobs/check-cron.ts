import { cronMacros, cronTexts, hasDays, readCron } from '../../model/cron/cron.ts';
import { CronFieldError, cronFieldNames, readCronField } from '../../model/cron/cron-fields.ts';
import { canonicalTimezone } from '../../model/cron/timezone.ts';
import type { Mistake } from '../../model/fault.ts';

const macros = Object.keys(cronMacros).join(', ');
const form = 'write five fields, minute hour day-of-month month day-of-week, as in "30 2 * * 1-5", or one of';

/** What is wrong with a cron expression: five fields as crontab has them, or a macro such as `@daily`. */
export function cronMistakes(expression: string): Mistake[] {
  const where = { path: 'cronExpression' };
  const texts = cronTexts(expression);
  const [first = ''] = texts;
  const hint = `${form} ${macros}`;
  if (first.startsWith('@')) return [{ message: `${expression.trim()} is not a known time`, where, hint }];
  if (/^(CRON_)?TZ=/.test(first)) {
    return [{ message: 'the time zone is not part of the expression', where, hint: 'put it into timezone' }];
  }
  if (texts.length !== 5) return [{ message: `the expression has ${texts.length} fields instead of 5`, where, hint }];
  const mistakes = cronFieldNames.flatMap((name, index) =>
    fieldMistakes(() => readCronField(name, texts[index] ?? '')),
  );
  if (mistakes.length > 0) return mistakes;
  if (hasDays(readCron(expression))) return [];
  const [, , days, months] = texts;
  return [
    {
      message: `this date never comes: no month of ${months} has a day ${days}`,
      where,
      hint: 'write a day of month that one of the months has',
    },
  ];
}

function fieldMistakes(read: () => unknown): Mistake[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof CronFieldError)) throw error;
    return [{ message: error.message, where: { path: 'cronExpression' }, hint: error.hint }];
  }
}

/** What is wrong with the name of a time zone; neither offsets nor abbreviations are names, as they know no summer time. */
export function timezoneMistakes(timezone: string): Mistake[] {
  const canonical = canonicalTimezone(timezone);
  if (canonical !== undefined) return [];
  const message = `${JSON.stringify(timezone)} is not a time zone`;
  return [{ message, where: { path: 'timezone' }, hint: 'give an IANA name such as Europe/Berlin, or UTC' }];
}

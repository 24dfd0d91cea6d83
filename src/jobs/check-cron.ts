import { Cron } from 'croner';
import type { Mistake } from '../model/fault.ts';

const macros = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];
const names = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat';
const field = new RegExp(`^([0-9*,/-]|${names})+$`, 'i');
const form = 'write five fields, minute hour day-of-month month day-of-week, as in "30 2 * * 1-5", or one of';

/** What is wrong with a cron expression: five fields as crontab has them, or a macro such as `@daily`. */
export function cronMistakes(expression: string): Mistake[] {
  const where = { path: 'cronExpression' };
  const text = expression.trim();
  if (macros.includes(text)) return [];
  const fields = text.split(/\s+/);
  const hint = `${form} ${macros.join(', ')}`;
  if (text.startsWith('@')) return [{ message: `${text} is not a known time`, where, hint }];
  if (/^(CRON_)?TZ=/.test(text)) {
    return [{ message: 'the time zone is not part of the expression', where, hint: 'put it into timezone' }];
  }
  if (fields.length !== 5) return [{ message: `the expression has ${fields.length} fields instead of 5`, where, hint }];
  const odd = fields.find((one) => !field.test(one));
  if (odd !== undefined) return [{ message: `${odd} cannot be part of a cron expression`, where, hint }];
  try {
    new Cron(text, { paused: true, mode: '5-part' });
    return [];
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    return [{ message: `the expression is wrong: ${reason}`, where, hint }];
  }
}

/** What is wrong with the name of a time zone; offsets are none, as they know no summer time. */
export function timezoneMistakes(timezone: string): Mistake[] {
  try {
    if (!/^[A-Za-z]/.test(timezone)) throw new RangeError('not a name');
    new Intl.DateTimeFormat('en', { timeZone: timezone });
    return [];
  } catch {
    const message = `${JSON.stringify(timezone)} is not a time zone`;
    return [{ message, where: { path: 'timezone' }, hint: 'give an IANA name such as Europe/Berlin, or UTC' }];
  }
}

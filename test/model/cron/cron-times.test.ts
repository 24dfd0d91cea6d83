import { describe, expect, test } from '@jest/globals';
import { parseCron } from '../../../src/model/cron/cron.ts';
import { cronTimes, isCronTime, isStrayTime, nextTimes, uncertainPeriods } from '../../../src/model/cron/cron-times.ts';
import { oracleExpressions, oracleZones, simulateCron, spansOf } from '../../support/model/cron/cron-oracle.ts';

const shown = (times: Iterable<Date>) => [...times].map((at) => at.toISOString().slice(0, 16));
const next = (expression: string, timezone: string, after: string, count: number) =>
  shown(nextTimes(parseCron(expression), timezone, new Date(after), count));

describe('the times of a cron expression', () => {
  test.each(oracleZones)('match Debian’s cron in %s about each change of its clock in three years', (zone) => {
    for (const { from, to } of spansOf(zone)) {
      const simulated = simulateCron(zone, oracleExpressions, { from, to });
      for (const [index, expression] of oracleExpressions.entries()) {
        const cron = parseCron(expression);
        const times = [...cronTimes(cron, zone, from - 60_000, to - 60_000)];
        expect({ expression, times: times.join() }).toEqual({ expression, times: simulated[index]?.join() });
        const aboutChanges = [...uncertainPeriods(cron, zone, from, to)].flatMap(({ start, end }) =>
          times.filter((at) => at >= start && at <= end),
        );
        expect(aboutChanges.filter((at) => isStrayTime(cron, zone, at))).toEqual([]);
      }
    }
  });

  test.each([
    ['the clock of New York is put back', '30 1 7 11 *', 'America/New_York', '2027-11-07T05:30'],
    ['the clock of Chicago is put back', '30 1 7 11 *', 'America/Chicago', '2027-11-07T06:30'],
    ['the clock of the Azores is put back', '30 0 31 10 *', 'Atlantic/Azores', '2027-10-31T00:30'],
  ])('contain a repeated time only once when %s', (_title, expression, zone, expected) => {
    const [first, second] = next(expression, zone, '2027-01-01T00:00:00Z', 2);
    expect(first).toBe(expected);
    expect(second).toMatch(/^2028-/);
  });

  test('are moved to the moment of the change when the clock of Berlin skips them', () => {
    expect(next('30 2 * * *', 'Europe/Berlin', '2027-03-27T12:00:00Z', 2)).toEqual([
      ...['2027-03-28T01:00', '2027-03-29T00:30'],
    ]);
  });

  test('follow elapsed time for an hourly job in a skipped and in a repeated hour', () => {
    expect(next('0 * * * *', 'Europe/Berlin', '2027-03-27T23:30:00Z', 4)).toEqual([
      ...['2027-03-28T00:00', '2027-03-28T01:00', '2027-03-28T02:00', '2027-03-28T03:00'],
    ]);
    expect(next('0 * * * *', 'Australia/Lord_Howe', '2027-04-03T13:30:00Z', 4)).toEqual([
      ...['2027-04-03T14:00', '2027-04-03T15:30', '2027-04-03T16:30', '2027-04-03T17:30'],
    ]);
  });

  test('do not depend on the start of the query, even in the middle of a repeated hour', () => {
    for (const minutes of [0, 1, 29, 30, 31, 59, 60, 61, 89, 90, 91, 119, 120]) {
      const after = new Date(Date.UTC(2027, 9, 31, 0, minutes));
      expect(shown(nextTimes(parseCron('30 2 * * *'), 'Europe/Berlin', after, 1))).toEqual([
        minutes < 30 ? '2027-10-31T00:30' : '2027-11-01T01:30',
      ]);
    }
  });

  test('include the 29th of February only in leap years', () => {
    expect(next('0 0 29 2 *', 'UTC', '2095-01-01T00:00:00Z', 3)).toEqual([
      ...['2096-02-29T00:00', '2104-02-29T00:00', '2108-02-29T00:00'],
    ]);
  });

  test('are empty for the 30th of February', () => {
    expect(next('0 0 30 2 *', 'UTC', '2027-01-01T00:00:00Z', 3)).toEqual([]);
  });
});

describe('a time at which a schedule fires', () => {
  const daily = parseCron('30 1 * * *');
  const at = (text: string) => new Date(text).getTime();

  test('is stray in a repeated hour when the job has already run in its first half', () => {
    expect(isCronTime(daily, 'America/New_York', at('2027-11-07T05:30:00Z'))).toBe(true);
    expect(isStrayTime(daily, 'America/New_York', at('2027-11-07T05:30:00Z'))).toBe(false);
    expect(isStrayTime(daily, 'America/New_York', at('2027-11-07T06:30:00Z'))).toBe(true);
  });

  test('is never stray far from a change of the clock, because the schedule may be triggered manually', () => {
    expect(isStrayTime(daily, 'America/New_York', at('2027-08-07T12:00:00Z'))).toBe(false);
    expect(isStrayTime(daily, 'America/New_York', at('2027-11-07T06:30:07Z'))).toBe(false);
    expect(isStrayTime(daily, 'UTC', at('2027-11-07T06:30:00Z'))).toBe(false);
  });
});

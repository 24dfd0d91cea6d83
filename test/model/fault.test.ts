import { describe, expect, test } from '@jest/globals';
import { Fault, faultCatalogue, isFaultCode } from '../../src/model/fault.ts';
import { found } from '../../src/model/found.ts';
import { outcomes } from '../../src/model/outcome.ts';
import { finalStates, isFinal, taskStates } from '../../src/model/task-state.ts';
import { faultOf } from '../support/language/flow/flows.ts';

const catalogue = Object.entries(faultCatalogue);

describe('in the catalogue of faults', () => {
  test.each(catalogue)('%s has an HTTP status of an error and a known outcome', (code, { status, outcome }) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(outcomes).toContain(outcome);
  });

  test.each(catalogue.filter(([, { retryable }]) => retryable))(
    '%s, which may go away by itself, is the fault of the infrastructure',
    (_, { status, outcome }) => {
      expect(outcome).toBe('infrastructure');
      // Too many requests (RFC 6585) asks to come back, as 503 does.
      expect(status >= 500 || status === 429).toBe(true);
    },
  );

  test.each(catalogue.filter(([, { status, retryable }]) => status < 500 && !(status === 429 && retryable)))(
    '%s, which the client can mend, is a matter of configuration and not tried again',
    (_, { outcome, retryable }) => {
      expect({ outcome, retryable }).toEqual({ outcome: 'configuration', retryable: false });
    },
  );

  test('every outcome of a task has a fault that leads to it', () => {
    expect(new Set(catalogue.map(([, { outcome }]) => outcome))).toEqual(new Set(outcomes));
  });
});

test('a fault that quotes a text of a million letters keeps the beginning and the end of its message', () => {
  const long = `no step "${'x'.repeat(1_000_000)}", as the log says`;
  const fault = new Fault('flow_invalid', long, { hint: long, mistakes: [{ message: long, where: { line: 1 } }] });
  for (const text of [fault.message, fault.hint, fault.mistakes[0]?.message]) {
    expect(text?.length).toBeLessThan(10_000);
    expect(text).toMatch(/^no step "x+ … \(99\d+ characters\) … x+", as the log says$/);
  }
});

test.each(['constructor', '__proto__', 'toString', 'FLOW_INVALID', '', undefined, null, 7, ['internal']])(
  '%j is no code of a fault',
  (code) => {
    expect(isFaultCode(code)).toBe(false);
  },
);

describe('a fault', () => {
  test('is an error with its place, its hint and its cause', () => {
    const cause = new Error('inner');
    const fault = new Fault('flow_invalid', 'wrong', { where: { line: 2 }, hint: 'mend it', cause });
    expect(fault).toBeInstanceOf(Error);
    expect(fault).toMatchObject({ name: 'Fault', message: 'wrong', mistakes: [], cause });
    expect(isFaultCode(fault.code)).toBe(true);
  });

  test.each([
    ['a\0b', 'a\\u0000b'],
    ['\u001b[1;31mred\u001b[0m\u001b[K', 'red'],
    ['\u009b31mred', '\\u009b31mred'],
    ['one\r\ntwo\tthree\rfour\u007f', 'one\ntwo\tthree\\u000dfour\\u007f'],
    ['\u202etxt.exe \u2066', '\\u202etxt.exe \\u2066'],
    ['half \ud800', 'half \ufffd'],
    ['größe 漢字 🚀', 'größe 漢字 🚀'],
  ])('quotes the outside text %j as %j in its message, its hint and its mistakes', (outside, shown) => {
    const fault = new Fault('internal', outside, { hint: outside, mistakes: [{ message: outside, hint: outside }] });
    expect(fault).toMatchObject({ message: shown, hint: shown, mistakes: [{ message: shown, hint: shown }] });
  });

  test('crosses processes as data, without what nobody must see', () => {
    const mistakes = [{ message: 'one' }];
    const fault = new Fault('flow_invalid', 'wrong', {
      where: { line: 2 },
      hint: 'mend it',
      mistakes,
      cause: new Error('x'),
    });
    const report = { code: 'flow_invalid', message: 'wrong', where: { line: 2 }, hint: 'mend it' };
    expect(JSON.parse(JSON.stringify(fault.report()))).toEqual(report);
    expect(Object.keys(new Fault('internal', 'x').report())).toEqual(['code', 'message']);
  });

  test('says what does not exist when something was looked up', () => {
    expect(found('record', 'job x')).toBe('record');
    expect(found(0, 'number')).toBe(0);
    const fault = faultOf(() => found(undefined, 'job 4f1c', 'list the jobs'));
    expect(fault).toMatchObject({ code: 'not_found', message: 'job 4f1c does not exist', hint: 'list the jobs' });
  });
});

test('a task is over in three of its states', () => {
  expect(taskStates.filter(isFinal)).toEqual(finalStates);
  expect(taskStates.filter((state) => !isFinal(state))).toEqual(['init', 'building', 'running', 'held']);
});

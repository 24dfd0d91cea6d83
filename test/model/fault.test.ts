import { describe, expect, test } from '@jest/globals';
import { Fault, faultCatalogue, isFaultCode } from '../../src/model/fault.ts';
import { outcomes } from '../../src/model/outcome.ts';
import { requireFound } from '../../src/model/require-found.ts';
import { finalStates, isFinal, taskStates } from '../../src/model/task-state.ts';
import { faultOf } from '../support/language/flow/flows.ts';

const catalogue = Object.entries(faultCatalogue);

describe('the fault catalogue', () => {
  test.each(catalogue)('%s has an HTTP error status and a known outcome', (code, { status, outcome }) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(outcomes).toContain(outcome);
  });

  test.each(catalogue.filter(([, { retryable }]) => retryable))(
    '%s is retryable and has the outcome infrastructure',
    (_, { status, outcome }) => {
      expect(outcome).toBe('infrastructure');
      // Too many requests (RFC 6585) asks for a retry, as 503 does.
      expect(status >= 500 || status === 429).toBe(true);
    },
  );

  test.each(catalogue.filter(([, { status, retryable }]) => status < 500 && !(status === 429 && retryable)))(
    '%s is a client error with the outcome configuration and is not retryable',
    (_, { outcome, retryable }) => {
      expect({ outcome, retryable }).toEqual({ outcome: 'configuration', retryable: false });
    },
  );

  test('every outcome of a task has a fault with it', () => {
    expect(new Set(catalogue.map(([, { outcome }]) => outcome))).toEqual(new Set(outcomes));
  });
});

test('a fault with a message of a million letters keeps its beginning and end', () => {
  const long = `no step "${'x'.repeat(1_000_000)}", as the log says`;
  const fault = new Fault('flow_invalid', long, { hint: long, issues: [{ message: long, where: { line: 1 } }] });
  for (const text of [fault.message, fault.hint, fault.issues[0]?.message]) {
    expect(text?.length).toBeLessThan(10_000);
    expect(text).toMatch(/^no step "x+ … \(99\d+ characters\) … x+", as the log says$/);
  }
});

test.each(['constructor', '__proto__', 'toString', 'FLOW_INVALID', '', undefined, null, 7, ['internal']])(
  'rejects %j as a fault code',
  (code) => {
    expect(isFaultCode(code)).toBe(false);
  },
);

describe('a fault', () => {
  test('a fault is an error with a location, a hint and a cause', () => {
    const cause = new Error('inner');
    const fault = new Fault('flow_invalid', 'wrong', { where: { line: 2 }, hint: 'fix it', cause });
    expect(fault).toBeInstanceOf(Error);
    expect(fault).toMatchObject({ name: 'Fault', message: 'wrong', issues: [], cause });
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
  ])('a fault quotes the foreign text %j as %j in its message, hint and issues', (outside, shown) => {
    const fault = new Fault('internal', outside, { hint: outside, issues: [{ message: outside, hint: outside }] });
    expect(fault).toMatchObject({ message: shown, hint: shown, issues: [{ message: shown, hint: shown }] });
  });

  test('report() returns only serializable data, without the cause', () => {
    const issues = [{ message: 'one' }];
    const fault = new Fault('flow_invalid', 'wrong', {
      where: { line: 2 },
      hint: 'fix it',
      issues,
      cause: new Error('x'),
    });
    const report = { code: 'flow_invalid', message: 'wrong', where: { line: 2 }, hint: 'fix it' };
    expect(JSON.parse(JSON.stringify(fault.report()))).toEqual(report);
    expect(Object.keys(new Fault('internal', 'x').report())).toEqual(['code', 'message']);
  });

  test('a failed lookup names the missing record', () => {
    expect(requireFound('record', 'job x')).toBe('record');
    expect(requireFound(0, 'number')).toBe(0);
    const fault = faultOf(() => requireFound(undefined, 'job 4f1c', 'list the jobs'));
    expect(fault).toMatchObject({ code: 'not_found', message: 'job 4f1c does not exist', hint: 'list the jobs' });
  });
});

test('a task has three final states', () => {
  expect(taskStates.filter(isFinal)).toEqual(finalStates);
  expect(taskStates.filter((state) => !isFinal(state))).toEqual(['init', 'building', 'running', 'held']);
});

import { describe, expect, test } from '@jest/globals';
import { parseJunit } from '../../src/tasks/parse-junit.ts';
import { faultOf } from '../flows/flows.ts';

describe('a JUnit file', () => {
  test('has the test cases of all its suites, those in others too, with name, time, state and message', () => {
    const text = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="all" tests="6">
  <testsuite name="api">
    <testcase name="says hello" classname="api.hello" time="0.25"/>
    <testcase name="counts &lt;3&gt;" time="1,234.5">
      <failure message="expected 3, got 2" type="AssertionError">expected 3, got 2
  at count.js:7</failure>
      <system-out>noise</system-out>
    </testcase>
    <testsuite name="inner">
      <testcase name="breaks"><error message="no connection"><![CDATA[connect ECONNREFUSED <nobody>]]></error></testcase>
    </testsuite>
  </testsuite>
  <testsuite name="empty"/>
  <testsuite name="slow">
    <testcase name="later"><skipped/></testcase>
    <testcase name="never"><skipped message="not on this machine"/></testcase>
    <testcase name="plain"><failure>just text</failure></testcase>
  </testsuite>
</testsuites>`;
    expect(parseJunit(text)).toEqual([
      { name: 'says hello', className: 'api.hello', suite: 'api', state: 'passed', seconds: 0.25 },
      {
        name: 'counts <3>',
        suite: 'api',
        state: 'failed',
        seconds: 1234.5,
        message: 'expected 3, got 2\n  at count.js:7',
      },
      { name: 'breaks', suite: 'inner', state: 'error', message: 'no connection\nconnect ECONNREFUSED <nobody>' },
      { name: 'later', suite: 'slow', state: 'skipped' },
      { name: 'never', suite: 'slow', state: 'skipped', message: 'not on this machine' },
      { name: 'plain', suite: 'slow', state: 'failed', message: 'just text' },
    ]);
  });

  test('may have one suite as its root, and numbers as names', () => {
    expect(parseJunit('<testsuite name="1"><testcase name="007" time="soon"/></testsuite>')).toEqual([
      { name: '007', suite: '1', state: 'passed' },
    ]);
  });

  test('may have no cases', () => {
    expect(parseJunit('<testsuites/>')).toEqual([]);
  });

  test('has at most 4,000 characters of a message', () => {
    const [found] =
      parseJunit(`<testsuite><testcase><failure>${'x'.repeat(5000)}</failure></testcase></testsuite>`) ?? [];
    expect(found?.message).toHaveLength(4000);
  });
});

test('XML of another kind is no JUnit file', () => {
  expect(parseJunit('<project><name>testsuite</name></project>')).toBeUndefined();
});

test('what is no XML is refused with its line and column', () => {
  const fault = faultOf(() => parseJunit('<testsuite>\n<testcase></testsuite>'));
  expect(fault).toMatchObject({ code: 'invalid_request', where: { line: 2 } });
  expect(fault.message).toMatch(/^it is no XML: .*testcase/);
});

test('what is long and no XML is refused in short', () => {
  expect(faultOf(() => parseJunit('<'.repeat(100_000))).message.length).toBeLessThan(300);
});

test('entities that grow without end are not expanded', () => {
  const entities = Array.from({ length: 9 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`).join('');
  const text = `<!DOCTYPE x [<!ENTITY e0 "ha">${entities}]><testsuite><testcase name="x"><failure>&e9;</failure></testcase></testsuite>`;
  let size = 0;
  try {
    size = JSON.stringify(parseJunit(text)).length;
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_request' });
  }
  expect(size).toBeLessThan(5000);
});

test('an entity that names a file of this machine is not read', () => {
  const text =
    '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><testsuite><testcase name="x"><failure>&f;</failure></testcase></testsuite>';
  expect(faultOf(() => parseJunit(text))).toMatchObject({ code: 'invalid_request' });
});

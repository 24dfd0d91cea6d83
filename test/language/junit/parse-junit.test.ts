import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type JunitFile, parseJunit } from '../../../src/language/junit/parse-junit.ts';
import { Fault } from '../../../src/model/fault.ts';

const parse = (text: string): Promise<JunitFile> => parseJunit(Buffer.from(text));

/** Returns `<state> <name>` of the cases, and the warnings. */
async function briefly(content: string | Buffer): Promise<string[]> {
  const { cases, warnings } = await parseJunit(Buffer.from(content));
  return [...cases.map(({ state, name, flaky }) => `${state} ${name}${flaky ? ' (flaky)' : ''}`), ...warnings];
}

async function refusalOf(content: string | Buffer): Promise<Fault> {
  const error: unknown = await parseJunit(Buffer.from(content)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Fault) return error;
  throw new Error('it was read', { cause: error });
}

describe('a JUnit file', () => {
  test('is parsed with the test cases of all its suites, also nested ones, with name, time, state and message', async () => {
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
      <testcase name="breaks"><error message="no connection"><![CDATA[connect ECONNREFUSED <unknown>]]></error></testcase>
    </testsuite>
  </testsuite>
  <testsuite name="empty"/>
  <testsuite name="slow">
    <testcase name="later"><skipped/></testcase>
    <testcase name="never"><skipped message="not on this machine"/></testcase>
    <testcase name="plain"><failure>just text</failure></testcase>
  </testsuite>
</testsuites>`;
    expect((await parse(text)).cases).toEqual([
      { name: 'says hello', className: 'api.hello', suite: 'api', state: 'passed', seconds: 0.25 },
      {
        name: 'counts <3>',
        suite: 'api',
        state: 'failed',
        seconds: 1234.5,
        message: 'expected 3, got 2\n  at count.js:7',
      },
      { name: 'breaks', suite: 'inner', state: 'error', message: 'no connection\nconnect ECONNREFUSED <unknown>' },
      { name: 'later', suite: 'slow', state: 'skipped' },
      { name: 'never', suite: 'slow', state: 'skipped', message: 'not on this machine' },
      { name: 'plain', suite: 'slow', state: 'failed', message: 'just text' },
    ]);
  });

  test('may have one suite as its root, and numbers as names', async () => {
    expect(await parse('<testsuite name="1"><testcase name="007" time="soon"/></testsuite>')).toEqual({
      cases: [{ name: '007', suite: '1', state: 'passed' }],
      warnings: [],
    });
  });

  test('may have no cases', async () => {
    expect(await parse('<testsuites/>')).toEqual({ cases: [], warnings: [] });
  });

  test('is parsed with at most 4,000 characters of a message', async () => {
    const { cases } = await parse(`<testsuite><testcase><failure>${'x'.repeat(5000)}</failure></testcase></testsuite>`);
    expect(cases[0]?.message).toHaveLength(4000);
  });

  test('may have test cases directly under testsuites, as written by Node', async () => {
    const text = `<?xml version="1.0" encoding="utf-8"?>
<testsuites>
	<testcase name="top ok" time="0.000692" classname="test"/>
	<testcase name="top bad" time="0.000762" classname="test" failure="1 == 2">
		<failure type="testCodeFailure" message="1 == 2">Error</failure>
	</testcase>
	<testsuite name="suite" tests="1">
		<testcase name="inner" time="0.0001" classname="suite"/>
	</testsuite>
</testsuites>`;
    expect(await briefly(text)).toEqual(['passed top ok', 'failed top bad', 'passed inner']);
  });

  test('is parsed with character references decoded', async () => {
    const text = `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" tests="1" failures="1"><testcase classname="test_a" name="test_multi" time="0.003"><failure message="AssertionError: assert 1 == 2&#10;  +  where 1 = f()&#x9;&#8364;">line 1&#13;
line 2</failure></testcase></testsuite></testsuites>`;
    expect((await parse(text)).cases[0]?.message).toBe(
      'AssertionError: assert 1 == 2\n  +  where 1 = f()\t€\nline 1\r\nline 2',
    );
  });

  test('is parsed with CDATA and predefined entities decoded once, not twice', async () => {
    const text =
      '<testsuite><testcase name="&amp;#10; &amp;lt;"><failure>&amp;amp;<![CDATA[&#10;&lt;]]></failure></testcase></testsuite>';
    expect((await parse(text)).cases).toEqual([{ name: '&#10; &lt;', state: 'failed', message: '&amp;&#10;&lt;' }]);
  });

  test.each([
    ['gtest: a disabled test', 'status="notrun" result="suppressed"', '', 'skipped'],
    ['gtest: GTEST_SKIP of old', 'status="run" result="skipped"', '', 'skipped'],
    ['gtest: a test that ran', 'status="run" result="completed"', '', 'passed'],
    ['CTest: a test that failed', 'status="fail"', '<failure message=""/>', 'failed'],
    ['CTest: a disabled test', 'status="disabled"', '', 'skipped'],
    ['Ginkgo: a test that panicked', 'status="panicked"', '<error/>', 'error'],
    ['Ginkgo: a pending test', 'status="pending"', '<skipped/>', 'skipped'],
    ['behave: a test without its run', 'status="untested"', '', 'skipped'],
    ["NUnit's stylesheet", 'status="Failed"', '', 'failed'],
    ['JUnit 3: an ignored test', '', '<ignored/>', 'skipped'],
    ['Surefire: a test that failed again', '', '<failure/><rerunFailure/><rerunError/>', 'error'],
    ['Surefire: reruns that failed', '', '<failure/><rerunFailure/>', 'failed'],
    ['a status of spaces and capitals', 'status="Not Run"', '', 'skipped'],
  ])('is parsed with the states of known writers: %s', async (_, attributes, children, state) => {
    const text = `<testsuite><testcase name="x" ${attributes}>${children}</testcase></testsuite>`;
    expect(await briefly(text)).toEqual([`${state} x`]);
  });

  test('is parsed with a flaky test and its message when a test passed after a failure', async () => {
    const text =
      '<testsuite tests="1" failures="0" flakes="1"><testcase name="x"><flakyFailure message="first try"><stackTrace>at x</stackTrace></flakyFailure></testcase></testsuite>';
    expect(await parse(text)).toEqual({
      cases: [{ name: 'x', state: 'passed', flaky: true, message: 'first try\nat x' }],
      warnings: [],
    });
  });

  test('is parsed with a test case for a suite that itself failed', async () => {
    const text = `<testsuites tests="1" errors="1"><testsuite name="db" tests="1" failures="0" errors="1">
      <testcase name="works"/><error message="the process crashed">signal 11</error></testsuite></testsuites>`;
    expect(await parse(text)).toEqual({
      cases: [
        { name: 'works', suite: 'db', state: 'passed' },
        { name: 'db', suite: 'db', state: 'error', message: 'the process crashed\nsignal 11' },
      ],
      warnings: [],
    });
  });

  test.each([
    ['0.', 0],
    ['12', 12],
    ['1,234.5', 1234.5],
    ['1,234,567', 1_234_567],
    ['0,25', 0.25],
    ['00:01:02.5', 62.5],
    ['', undefined],
    ['soon', undefined],
    ['NaN', undefined],
  ])('is parsed with the time %s', async (time, expected) => {
    expect((await parse(`<testsuite><testcase time="${time}"/></testsuite>`)).cases[0]?.seconds).toBe(expected);
  });
});

describe('warnings of a JUnit file', () => {
  test.each([
    ['<testsuite tests="3"><testcase name="x"/></testsuite>', 'testsuite states tests="3", but 1 test cases were read'],
    [
      '<testsuites name="a&#10;b" failures="2" errors="1"><testsuite><testcase name="x"><failure/></testcase></testsuite></testsuites>',
      'testsuites "a\\nb" states failures="2" and errors="1", but 1 failed or erroneous test cases were read',
    ],
    ['<testsuite><testcase name="x" status="blue"/></testsuite>', 'status="blue" of a test case is unknown'],
    ['<testsuite><testcase name="x"><risky/></testcase></testsuite>', 'the element risky in a test case is unknown'],
  ])('report unknown parts and wrong numbers: %s', async (text, warning) => {
    expect((await briefly(text)).slice(1)).toEqual([warning]);
  });

  test.each([
    ['<project><name>testsuite</name></project>', 'XML of another kind: its root is project'],
    ['<test-run><test-suite><test-case/></test-suite></test-run>', 'a report of NUnit 3: its root is test-run'],
    [
      '<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"/>',
      'a report of Visual Studio (TRX): its root is TestRun',
    ],
  ])('report a file of another kind: %s', async (text, kind) => {
    expect(await briefly(text)).toEqual([`it is not a JUnit file but ${kind}`]);
  });

  test('are unique and limited to 20', async () => {
    const many = Array.from({ length: 300 }, (_, n) => `<testcase><x${n}/><same/></testcase>`).join('');
    expect((await parse(`<testsuite>${many}</testsuite>`)).warnings).toHaveLength(20);
    expect((await parse(`<testsuite>${'<testcase><same/></testcase>'.repeat(9)}</testsuite>`)).warnings).toHaveLength(
      1,
    );
  });
});

describe('the numbers stated in a JUnit file', () => {
  test.each([
    [
      'all nested cases',
      '<testsuites tests="2"><testsuite tests="2"><testcase/><testsuite tests="1"><testcase/></testsuite></testsuite></testsuites>',
    ],
    [
      'direct cases of a suite',
      '<testsuite tests="1"><testcase/><testsuite><testcase/><testcase/></testsuite></testsuite>',
    ],
    [
      'cases and suites together',
      '<testsuite tests="2" failures="1" errors="0"><testcase/><testsuite><testcase><failure/></testcase><testcase><failure/></testcase></testsuite></testsuite>',
    ],
    [
      'failures stated as errors',
      '<testsuite tests="1" failures="0" errors="1"><testcase><failure/></testcase></testsuite>',
    ],
    [
      'failures without errors',
      '<testsuite failures="1"><testcase><failure/></testcase><testcase><error/></testcase></testsuite>',
    ],
    [
      'tests with two entries',
      '<testsuite tests="1" failures="1" errors="1"><testcase name="x"><failure/></testcase><testcase name="x"><error/></testcase></testsuite>',
    ],
    ['invalid numbers', '<testsuite tests="" failures="many"><testcase/></testsuite>'],
  ])('are accepted for every way of counting: %s', async (_, text) => {
    expect((await parse(text)).warnings).toEqual([]);
  });
});

/** Written by running the tools themselves. */
test.each([
  ['pytest', 10, { failed: 3, error: 2, skipped: 2 }, []],
  ['go-junit-report', 6, { failed: 3, skipped: 1 }, []],
  ['vitest', 5, { failed: 2, skipped: 2 }, []],
  ['node-test', 7, { failed: 2, skipped: 2 }, []],
  // Its count does not include the failed hook.
  [
    'mocha-xunit',
    4,
    { failed: 2, skipped: 1 },
    ['testsuite "Mocha Tests" states tests="3", but 4 test cases were read'],
  ],
  // It counts pending tests but does not write them.
  [
    'mocha-junit-reporter',
    3,
    { failed: 2 },
    [
      'testsuite "outer" states tests="3", but 2 test cases were read',
      'testsuites "Mocha Tests" states tests="4", but 3 test cases were read',
    ],
  ],
])('a file written by %s is parsed completely', async (writer, tests, states, warnings) => {
  const found = await parseJunit(readFileSync(new URL(`written/${writer}.xml`, import.meta.url)));
  expect(found.cases).toHaveLength(tests);
  const counted: Record<string, number> = {};
  for (const { state } of found.cases) if (state !== 'passed') counted[state] = (counted[state] ?? 0) + 1;
  expect(counted).toEqual(states);
  expect(found.warnings).toEqual(warnings);
});

test('files written by Python in 11 encodings are parsed as by its expat', async () => {
  const lines = readFileSync(new URL('generated.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  expect(lines.length).toBeGreaterThan(100);
  for (const line of lines) {
    const { encoding, xml, cases } = JSON.parse(line);
    expect({ encoding, ...(await parseJunit(Buffer.from(xml, 'base64'))) }).toEqual({ encoding, cases, warnings: [] });
  }
});

describe('the encoding of a file', () => {
  const text = (encoding: string) =>
    `<?xml version="1.0" encoding="${encoding}"?>\n<testsuite name="s"><testcase name="geprüft"/></testsuite>`;
  const swapped = (content: Buffer) => Buffer.from(content).swap16();
  const utf16 = (value: string) => Buffer.from(value, 'utf16le');

  test.each([
    ['UTF-16 with a mark', utf16(`\ufeff${text('utf-16')}`)],
    ['UTF-16, big-endian, with a mark', swapped(utf16(`\ufeff${text('UTF-16')}`))],
    ['UTF-16 without a mark', utf16(text('utf-16'))],
    ['UTF-16, big-endian, without a mark', swapped(utf16(text('utf-16')))],
    ['Latin-1', Buffer.from(text('ISO-8859-1'), 'latin1')],
    ['Windows-1252', Buffer.from(text('Windows-1252'), 'latin1')],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text('UTF-8')}`)],
    ['UTF-8 without a declaration', Buffer.from(text('x').replace(/^.*\n/, ''))],
    ['UTF-8 that was declared as UTF-16', Buffer.from(text('utf-16'))],
    ['UTF-8 after an empty line', Buffer.from(`\n${text('utf-8')}`)],
  ])('is detected: %s', async (_, content) => {
    expect(await briefly(content)).toEqual(['passed geprüft']);
  });

  test('is rejected if it is not supported', async () => {
    expect(await refusalOf(text('ebcdic-xyz'))).toMatchObject({
      code: 'invalid_request',
      message: 'encoding ebcdic-xyz is not supported',
      where: { line: 1 },
    });
    expect((await refusalOf(Buffer.from([0xff, 0xfe, 0, 0, 0x3c, 0, 0, 0]))).message).toMatch(/utf-32/);
  });

  test('has a warning for invalid bytes, and the rest is parsed', async () => {
    expect(await briefly(Buffer.from(text('utf-8'), 'latin1'))).toEqual([
      'passed gepr\ufffdft',
      'it has bytes that are not valid utf-8; they are shown as \ufffd',
    ]);
  });
});

test('characters that XML does not allow are replaced by U+FFFD', async () => {
  const text = '<testsuite><testcase name="\u001b[31m&#27;&#x0;&#xD800;&#x110000;&#9;\ufffe\u007f"/></testsuite>';
  expect(await briefly(text)).toEqual([
    'passed \ufffd[31m\ufffd\ufffd\ufffd\ufffd\t\ufffd\u007f',
    'it has characters that XML does not allow; they are shown as \ufffd',
  ]);
});

test('invalid XML is rejected with line and column', async () => {
  const fault = await refusalOf('<testsuite>\n<testcase></testsuite>');
  expect(fault).toMatchObject({ code: 'invalid_request', where: { line: 2 } });
  expect(fault.message).toBe('invalid XML: unexpected close tag.');
});

test.each(['', 'not xml', '{"json": true}', '<testsuite', '<testsuite>', '<testsuite/><testsuite/>', '<a b/>'])(
  'invalid XML is rejected: %j',
  async (text) => {
    expect(await refusalOf(text)).toMatchObject({ code: 'invalid_request' });
  },
);

test('a long invalid XML is rejected with a short message', async () => {
  expect((await refusalOf('<'.repeat(100_000))).message.length).toBeLessThan(300);
});

test('XML that is nested too deep is rejected', async () => {
  expect((await refusalOf('<testsuite>'.repeat(100_000))).message).toMatch(/nested more than 100 levels deep/);
});

test('parsing a large file yields to other work', async () => {
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  });
  const reading = parse(`<testsuite>${'<testcase/>'.repeat(200_000)}</testsuite>`);
  const { cases } = await reading;
  clearInterval(timer);
  expect(cases).toHaveLength(200_000);
  expect(turns).toBeGreaterThan(10);
});

test('recursive entities are not expanded', async () => {
  const entities = Array.from({ length: 9 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`).join('');
  const text = `<!DOCTYPE x [<!ENTITY e0 "ha">${entities}]><testsuite><testcase name="x"><failure>&e9;</failure></testcase></testsuite>`;
  expect(await refusalOf(text)).toMatchObject({ code: 'invalid_request', message: 'invalid XML: undefined entity.' });
});

test.each(['SYSTEM "file:///etc/hostname"', 'PUBLIC "x" "http://127.0.0.1:1/x"'])(
  'an external entity is not read: %s',
  async (source) => {
    const text = `<!DOCTYPE x [<!ENTITY f ${source}>]><testsuite><testcase name="x"><failure>&f;</failure></testcase></testsuite>`;
    expect(await refusalOf(text)).toMatchObject({ code: 'invalid_request' });
    const outside = `<!DOCTYPE testsuite ${source}><testsuite><testcase name="x"/></testsuite>`;
    expect(await briefly(outside)).toEqual(['passed x']);
  },
);

import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { isRecord } from '../flows/schema.ts';
import { Fault } from '../model/fault.ts';

export const testCaseStates = ['passed', 'failed', 'error', 'skipped'] as const;

/** One test of a JUnit file. */
export interface TestCase {
  name: string;
  className?: string;
  suite?: string;
  state: (typeof testCaseStates)[number];
  seconds?: number;
  /** Why it did not pass: what its tool says in short, then at length. */
  message?: string;
}

/** Far more than tools write, and what a reader of an answer can use. */
const most = { message: 4000, problem: 200, depth: 20 };
/** Attributes are under `@`, so that elements of the same name do not hide them. */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributesGroupName: '@',
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  isArray: (name) => name === 'testsuite' || name === 'testcase',
});

/** The test cases of a JUnit file; undefined when it is XML of another kind. Throws `invalid_request` when it is no XML. */
export function parseJunit(text: string): TestCase[] | undefined {
  const valid = XMLValidator.validate(text);
  if (valid !== true) {
    const { msg, line, col } = valid.err;
    throw new Fault('invalid_request', `it is no XML: ${msg.slice(0, most.problem)}`, { where: { line, column: col } });
  }
  const root = parse(text);
  if (!('testsuites' in root) && !('testsuite' in root)) return undefined;
  const cases: TestCase[] = [];
  for (const top of [root, ...asList(root.testsuites)]) addSuites(top, cases, 0);
  return cases;
}

function parse(text: string): Record<string, unknown> {
  try {
    const root: unknown = parser.parse(text);
    return isRecord(root) ? root : {};
  } catch (error) {
    throw new Fault('invalid_request', `it cannot be read: ${(error as Error).message.slice(0, most.problem)}`, {
      cause: error,
    });
  }
}

function addSuites(parent: Record<string, unknown>, cases: TestCase[], depth: number): void {
  if (depth > most.depth) return;
  for (const suite of asList(parent.testsuite)) {
    const name = attribute(suite, 'name');
    for (const one of asList(suite.testcase)) cases.push(testCase(one, name));
    addSuites(suite, cases, depth + 1);
  }
}

function testCase(element: Record<string, unknown>, suite: string | undefined): TestCase {
  const className = attribute(element, 'classname');
  const seconds = Number((attribute(element, 'time') ?? '').replaceAll(',', ''));
  const [state, reason] = stateOf(element);
  const message = reason === undefined ? '' : messageOf(reason);
  return {
    name: attribute(element, 'name') ?? '',
    ...(className && { className }),
    ...(suite && { suite }),
    state,
    ...(attribute(element, 'time') && Number.isFinite(seconds) && { seconds }),
    ...(message && { message }),
  };
}

/** The state, and the element that says why. */
function stateOf(element: Record<string, unknown>): [TestCase['state'], unknown] {
  if ('error' in element) return ['error', element.error];
  if ('failure' in element) return ['failed', element.failure];
  if ('skipped' in element) return ['skipped', element.skipped];
  return ['passed', undefined];
}

/** Its attribute `message` and its text, which often begins with that. */
function messageOf(reason: unknown): string {
  const all = (Array.isArray(reason) ? reason : [reason]).map((one: unknown) => {
    if (!isRecord(one)) return String(one);
    const short = attribute(one, 'message') ?? '';
    const long = String(one['#text'] ?? '');
    return long.startsWith(short) ? long : [short, long].filter(Boolean).join('\n');
  });
  return all.join('\n').trim().slice(0, most.message);
}

function attribute(element: Record<string, unknown>, name: string): string | undefined {
  const value = isRecord(element['@']) ? element['@'][name] : undefined;
  return value === undefined ? undefined : String(value);
}

/** Elements of a name; those without attributes and content, which the parser gives as texts, have nothing to say. */
function asList(value: unknown): Record<string, unknown>[] {
  return (Array.isArray(value) ? value : [value]).filter(isRecord);
}

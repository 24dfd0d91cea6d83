import { attribute, type Element, maxText } from './element.ts';
import { seconds } from './seconds.ts';

export const testCaseStates = ['passed', 'failed', 'error', 'skipped'] as const;
export type TestCaseState = (typeof testCaseStates)[number];

/** One test of a JUnit file. */
export interface TestCase {
  name: string;
  className?: string;
  suite?: string;
  state: TestCaseState;
  seconds?: number;
  /** Why it did not pass: what its tool says in short, then at length. */
  message?: string;
  /** It passed after it had failed. */
  flaky?: true;
}

/** Elements inside a test case that say how it ended; those of Surefire's repeated runs among them. */
const reasons = new Map<string, TestCaseState>([
  ['error', 'error'],
  ['rerunError', 'error'],
  ['failure', 'failed'],
  ['rerunFailure', 'failed'],
  ['skipped', 'skipped'],
  ['ignored', 'skipped'],
  ['disabled', 'skipped'],
]);
const flakes = new Set(['flakyFailure', 'flakyError']);
/** Elements that say nothing of the end. */
const others = new Set(['properties', 'system-out', 'system-err', 'system_out', 'system_err', 'description', 'links']);

/** What writers put into `status` and `result`: googletest, CTest, Ginkgo, behave, NUnit's stylesheet and others. */
const statuses = new Map<string, TestCaseState>(
  Object.entries({
    passed: 'run completed complete passed pass success successful succeeded ok true fixed finished executed warning 0',
    skipped:
      'notrun not_run suppressed skipped skip disabled ignored ignore pending todo untested excluded notexecuted inconclusive',
    failed: 'failed fail failure ko false undefined regression',
    error: 'error errored broken panicked aborted interrupted timedout timeout crashed exception',
  }).flatMap(([state, words]) =>
    words.split(' ').map((word): [string, TestCaseState] => [word, state as TestCaseState]),
  ),
);
/** The first of them that anything says counts. */
export const order: readonly TestCaseState[] = ['error', 'failed', 'skipped'];

/** The state that an element says when it is directly inside a suite or a test case; undefined for others. */
export function reasonState(name: string): TestCaseState | undefined {
  return reasons.get(name);
}

/** Returns the test case of an element, and what in it is not understood. */
export function toTestCase(element: Element, suite: string | undefined): { found: TestCase; unknown: string[] } {
  const { state, unknown } = stateOf(element);
  const isFlaky = state === 'passed' && element.children.some(({ name }) => flakes.has(name));
  const message = messageOf(
    element.children.filter(({ name }) => (isFlaky ? flakes.has(name) : reasons.get(name) === state)),
  );
  const className = attribute(element, 'classname', 'className', 'class');
  const took = seconds(attribute(element, 'time', 'duration'));
  const found: TestCase = {
    name: element.attributes.name ?? '',
    ...(className && { className }),
    ...(suite && { suite }),
    state,
    ...(took !== undefined && { seconds: took }),
    ...(message && { message }),
    ...(isFlaky && { flaky: true }),
  };
  return { found, unknown };
}

function stateOf({ children, attributes }: Element): { state: TestCaseState; unknown: string[] } {
  const said = new Set<TestCaseState | undefined>(children.map(({ name }) => reasons.get(name)));
  const unknown = children
    .filter(({ name }) => !reasons.has(name) && !flakes.has(name) && !others.has(name))
    .map(({ name }) => `the element ${name} in a test case`);
  for (const name of ['status', 'result']) {
    const value = attributes[name];
    if (!value) continue;
    const state = statuses.get(value.toLowerCase().replace(/[\s-]+/g, ''));
    if (state) said.add(state);
    else unknown.push(`${name}="${value}" of a test case`);
  }
  return { state: order.find((state) => said.has(state)) ?? 'passed', unknown };
}

/** What elements say of a test that did not pass: attribute `message` and their text, which often begins with that. */
export function messageOf(elements: Element[]): string {
  return elements.map(textOf).filter(Boolean).join('\n').trim().slice(0, maxText);
}

function textOf(element: Element): string {
  const short = attribute(element, 'message') ?? '';
  const texts = [element.text, ...element.children.map(textOf)];
  const long = texts
    .map((text) => text.replace(/^\s*\n/, '').trimEnd())
    .filter(Boolean)
    .join('\n');
  const all = long.trimStart().startsWith(short) ? long : [short, long].filter(Boolean).join('\n');
  return all || (attribute(element, 'type') ?? '');
}

import { attribute, type Element, maxMessageLength } from './element.ts';
import { parseSeconds } from './seconds.ts';

export const testCaseStates = ['passed', 'failed', 'error', 'skipped'] as const;
export type TestCaseState = (typeof testCaseStates)[number];

/** One test of a JUnit file. */
export interface TestCase {
  name: string;
  className?: string;
  suite?: string;
  state: TestCaseState;
  seconds?: number;
  /** Reason why it did not pass: the tool's short message, then the long one. */
  message?: string;
  /** Set when it passed after a failure. */
  flaky?: true;
}

/** Elements with the result of a test case, including Surefire's repeated runs. */
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
/** Elements without a result. */
const others = new Set(['properties', 'system-out', 'system-err', 'system_out', 'system_err', 'description', 'links']);

/** Values of `status` and `result` in googletest, CTest, Ginkgo, behave, NUnit's stylesheet and others. */
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
/** States by precedence: the first one reported wins. */
export const order: readonly TestCaseState[] = ['error', 'failed', 'skipped'];

/** Returns the state of an element directly inside a suite or a test case; undefined for others. */
export function reasonState(name: string): TestCaseState | undefined {
  return reasons.get(name);
}

/** Converts an element to a test case; also returns its unknown parts. */
export function toTestCase(element: Element, suite: string | undefined): { found: TestCase; unknown: string[] } {
  const { state, unknown } = stateOf(element);
  const isFlaky = state === 'passed' && element.children.some(({ name }) => flakes.has(name));
  const message = messageOf(
    element.children.filter(({ name }) => (isFlaky ? flakes.has(name) : reasons.get(name) === state)),
  );
  const className = attribute(element, 'classname', 'className', 'class');
  const duration = parseSeconds(attribute(element, 'time', 'duration'));
  const found: TestCase = {
    name: element.attributes.name ?? '',
    className,
    suite,
    state,
    seconds: duration,
    message: message || undefined,
    flaky: isFlaky || undefined,
  };
  return { found, unknown };
}

function stateOf({ children, attributes }: Element): { state: TestCaseState; unknown: string[] } {
  const states = new Set<TestCaseState | undefined>(children.map(({ name }) => reasons.get(name)));
  const unknown = children
    .filter(({ name }) => !reasons.has(name) && !flakes.has(name) && !others.has(name))
    .map(({ name }) => `the element ${name} in a test case`);
  for (const name of ['status', 'result']) {
    const value = attributes[name];
    if (!value) continue;
    const state = statuses.get(value.toLowerCase().replace(/[\s-]+/g, ''));
    if (state) states.add(state);
    else unknown.push(`${name}="${value}" of a test case`);
  }
  return { state: order.find((state) => states.has(state)) ?? 'passed', unknown };
}

/** Returns the message of a test that did not pass: attribute `message` and the text, which often begins with it. */
export function messageOf(elements: Element[]): string {
  return elements.map(textOf).filter(Boolean).join('\n').trim().slice(0, maxMessageLength);
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

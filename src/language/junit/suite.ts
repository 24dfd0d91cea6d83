import type { Element } from './element.ts';
import { messageOf, order, reasonState, type TestCase } from './test-case.ts';

/** Numbers of test cases: all, failed or erroneous, failed. */
interface Counts {
  tests: number;
  bad: number;
  failed: number;
}

/** Counts the test cases of a suite, to compare them with the numbers stated in the file. */
export class Suite {
  readonly name: string | undefined;
  readonly #element: Element;
  readonly #direct: Counts = { tests: 0, bad: 0, failed: 0 };
  readonly #all: Counts = { tests: 0, bad: 0, failed: 0 };
  /** Direct test cases and direct suites, as counted by Node's reporter. */
  readonly #children: Counts = { tests: 0, bad: 0, failed: 0 };
  /** Test cases with a repeated name: pytest's two entries for one test, repeated runs. */
  #repeated = 0;
  readonly #names = new Set<string>();
  /** Suites that themselves failed; some writers count them. */
  #own = 0;

  constructor(element: Element) {
    this.#element = element;
    this.name = element.attributes.name || undefined;
  }

  addCase({ name, className, state }: TestCase): void {
    const bad = state === 'failed' || state === 'error';
    for (const counts of [this.#direct, this.#all, this.#children]) add(counts, bad, state === 'failed');
    const id = JSON.stringify([className, name]);
    if (this.#names.has(id)) this.#repeated += 1;
    this.#names.add(id);
  }

  /**
   * Returns a test case for the suite itself when it has an `error` or `failure` of its own: a failed set-up, a crashed
   * process. It is skipped when the whole suite was skipped.
   */
  ownCase(): TestCase | undefined {
    const states = new Map(this.#element.children.map((child) => [child, reasonState(child.name)]));
    const state = order.find((one) => [...states.values()].includes(one));
    if (!state || (state === 'skipped' && this.#all.tests > 0)) return undefined;
    if (state !== 'skipped') this.#own += 1;
    const message = messageOf([...states.keys()].filter((child) => states.get(child) === state));
    return {
      name: this.name ?? this.#element.name,
      suite: this.name,
      state,
      message: message || undefined,
    };
  }

  addSuite(inner: Suite): void {
    add(this.#children, inner.#all.bad > 0, inner.#all.failed > 0);
    this.#all.tests += inner.#all.tests;
    this.#all.bad += inner.#all.bad;
    this.#all.failed += inner.#all.failed;
    this.#repeated += inner.#repeated;
    this.#own += inner.#own;
  }

  /** Returns the differences of `tests`, `failures` and `errors` from the test cases, allowing every known way of counting. */
  differences(): string[] {
    const counts = [this.#all, this.#direct, this.#children];
    const where = `${this.#element.name}${this.name ? ` ${JSON.stringify(this.name)}` : ''}`;
    const tests = this.#stated('tests');
    const failures = this.#stated('failures');
    const errors = this.#stated('errors');
    const differences: string[] = [];
    const possible = [...counts.map((one) => one.tests), this.#all.tests - this.#repeated, this.#all.tests + this.#own];
    if (tests !== undefined && !possible.includes(tests)) {
      differences.push(`${where} states tests="${tests}", but ${this.#all.tests} test cases were read`);
    }
    // Together: writers differ in which of the two a test is (mocha's xunit states failures as errors).
    const bad = failures === undefined && errors === undefined ? undefined : (failures ?? 0) + (errors ?? 0);
    const possiblyBad = counts.flatMap((one) => (errors === undefined ? [one.bad, one.failed] : [one.bad]));
    if (bad !== undefined && !possiblyBad.some((one) => bad === one || bad === one + this.#own)) {
      const stated = [failures !== undefined && `failures="${failures}"`, errors !== undefined && `errors="${errors}"`];
      const text = stated.filter(Boolean).join(' and ');
      differences.push(
        `${where} states ${text}, but ${this.#all.bad + this.#own} failed or erroneous test cases were read`,
      );
    }
    return differences;
  }

  #stated(name: string): number | undefined {
    const text = this.#element.attributes[name]?.trim();
    return text && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  }
}

function add(counts: Counts, bad: boolean, failed: boolean): void {
  counts.tests += 1;
  counts.bad += Number(bad);
  counts.failed += Number(failed);
}

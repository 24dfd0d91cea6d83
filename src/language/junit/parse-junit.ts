import { decodeXml } from './decode-xml.ts';
import { addChild, addText, type Element } from './element.ts';
import { readXml, type XmlHandler } from './read-xml.ts';
import { Suite } from './suite.ts';
import { reasonState, type TestCase, toTestCase } from './test-case.ts';

export interface JunitFile {
  cases: TestCase[];
  /** Unknown elements, and differences from the file's own numbers. */
  warnings: string[];
}

const max = { warnings: 20, warning: 300 };
const suites = new Set(['testsuites', 'testsuite']);
/** Elements with the output of a test, which is in its step's log. */
const ignored = new Set(['system-out', 'system-err']);
/** Root elements of other report formats. */
const otherReports: Record<string, string> = {
  'test-run': 'NUnit 3',
  'test-results': 'NUnit 2',
  assemblies: 'xUnit.net',
  TestRun: 'Visual Studio (TRX)',
  'testng-results': 'TestNG',
  testExecutions: 'SonarQube',
};

/**
 * Parses the test cases of a JUnit file, in order, including those of nested suites and outside of suites, and one for each
 * suite that itself failed. Throws `invalid_request` for invalid XML or an unknown encoding.
 */
export async function parseJunit(content: Buffer): Promise<JunitFile> {
  const { text, warnings } = decodeXml(content);
  const reader = new JunitReader(warnings);
  await readXml(text, reader);
  return { cases: reader.cases, warnings: [...reader.warnings].slice(0, max.warnings) };
}

class JunitReader implements XmlHandler {
  readonly cases: TestCase[] = [];
  readonly warnings: Set<string>;
  readonly #open: Element[] = [];
  readonly #suites: Suite[] = [];

  constructor(warnings: string[]) {
    this.warnings = new Set(warnings);
  }

  open(name: string, attributes: Record<string, string>): boolean {
    if (this.#open.length === 0 && !suites.has(name)) {
      const kind = Object.hasOwn(otherReports, name) ? `a report of ${otherReports[name]}` : 'XML of another kind';
      this.#warn(`it is not a JUnit file but ${kind}: its root is ${name}`);
      return false;
    }
    const element = { name, attributes, text: '', children: [] };
    if (suites.has(name)) this.#suites.push(new Suite(element));
    this.#open.push(element);
    return true;
  }

  text(text: string): void {
    const element = this.#open.at(-1);
    if (element && !ignored.has(element.name)) addText(element, text);
  }

  close(name: string): void {
    const element = this.#open.pop();
    const suite = this.#suites.at(-1);
    if (!element || !suite) return;
    const parent = this.#open.at(-1);
    if (suites.has(name)) this.#closeSuite(suite);
    else if (name === 'testcase') this.#closeCase(element, suite);
    else if (parent && (!suites.has(parent.name) || reasonState(name))) addChild(parent, element);
  }

  #closeCase(element: Element, suite: Suite): void {
    const { found, unknown } = toTestCase(element, suite.name);
    for (const one of unknown) this.#warn(`${one} is unknown`);
    this.cases.push(found);
    suite.addCase(found);
  }

  #closeSuite(suite: Suite): void {
    this.#suites.pop();
    const own = suite.ownCase();
    if (own) this.cases.push(own);
    for (const difference of suite.differences()) this.#warn(difference);
    this.#suites.at(-1)?.addSuite(suite);
  }

  #warn(text: string): void {
    if (this.warnings.size < max.warnings) this.warnings.add(text.slice(0, max.warning));
  }
}

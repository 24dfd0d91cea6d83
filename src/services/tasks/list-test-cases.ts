import { parseJunit } from '../../language/junit/parse-junit.ts';
import type { TestCase, TestCaseState } from '../../language/junit/test-case.ts';
import { Fault, type FaultReport } from '../../model/fault.ts';
import type { ArtifactStore } from '../../model/ports/artifacts.ts';

/** Origin of a test case. */
interface Source {
  step: string;
  path: string;
}

/** Number of test cases: all, by state, and flaky (passed after a failure); their total time in seconds. */
type TestTotals = Record<'tests' | 'flaky' | 'seconds' | TestCaseState, number>;

export interface TestCases {
  cases: (TestCase & Source)[];
  totals: TestTotals;
  /** Parts of a file that were not understood, or that contradict the file's own totals. */
  warnings: (Source & { message: string })[];
  /** XML files that could not be read, with the reason. */
  unreadable: (Source & { error: FaultReport })[];
}

/** Maximum number of test cases in a response; the totals count all. */
const maxCases = 50_000;

/** Returns the test cases of all JUnit files of an attempt's steps, in the order of steps and paths. */
export async function listTestCases(
  { artifacts }: { artifacts: ArtifactStore },
  taskId: string,
  attempt: number,
): Promise<TestCases> {
  const totals: TestTotals = { tests: 0, passed: 0, failed: 0, error: 0, skipped: 0, flaky: 0, seconds: 0 };
  const found: TestCases = { cases: [], totals, warnings: [], unreadable: [] };
  for (const { step, path } of await artifacts.list(taskId, attempt)) {
    if (!/\.xml$/i.test(path)) continue;
    try {
      const content = await artifacts.read(taskId, attempt, step, path);
      if (!content) throw new Fault('not_found', "a part of the file was lost with the runner's log");
      const { cases, warnings } = await parseJunit(content);
      const room = maxCases - found.cases.length;
      if (cases.length > room) warnings.push(`${cases.length - room} of its test cases are counted but not listed`);
      for (const one of cases) count(totals, one);
      for (const one of cases.slice(0, room)) found.cases.push({ ...one, step, path });
      found.warnings.push(...warnings.map((message) => ({ step, path, message })));
    } catch (error) {
      if (!(error instanceof Fault) || error.code === 'unavailable') throw error;
      found.unreadable.push({ step, path, error: error.report() });
    }
  }
  totals.seconds = Math.round(totals.seconds * 1e6) / 1e6;
  return found;
}

function count(totals: TestTotals, { state, flaky, seconds = 0 }: TestCase): void {
  totals.tests += 1;
  totals[state] += 1;
  totals.flaky += Number(flaky ?? false);
  totals.seconds += seconds;
}

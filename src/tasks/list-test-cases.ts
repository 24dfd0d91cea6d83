import { Fault, type FaultReport } from '../model/fault.ts';
import type { ArtifactStore } from '../model/ports.ts';
import { parseJunit, type TestCase } from './parse-junit.ts';

/** Where a test case was read. */
interface Source {
  step: string;
  path: string;
}

export interface TestCases {
  cases: (TestCase & Source)[];
  /** XML files that could not be read, and why. */
  unreadable: (Source & { error: FaultReport })[];
}

/** The test cases of all JUnit files that an attempt's steps left, in the order of steps and paths. */
export async function listTestCases(
  { artifacts }: { artifacts: ArtifactStore },
  taskId: string,
  attempt: number,
): Promise<TestCases> {
  const found: TestCases = { cases: [], unreadable: [] };
  for (const { step, path } of await artifacts.list(taskId, attempt)) {
    if (!/\.xml$/i.test(path)) continue;
    try {
      const content = await artifacts.read(taskId, attempt, step, path);
      if (!content) throw new Fault('not_found', "a part of it was lost with the runner's log");
      const cases = parseJunit(content.toString('utf8')) ?? [];
      found.cases.push(...cases.map((one) => ({ ...one, step, path })));
    } catch (error) {
      if (!(error instanceof Fault) || error.code === 'unavailable') throw error;
      found.unreadable.push({ step, path, error: error.report() });
    }
  }
  return found;
}

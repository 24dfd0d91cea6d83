import { writeFileSync } from 'node:fs';

/** Jest reporter for test.mjs: leaves the counts of the run as JSON in the file that TEST_COUNTS names. */
export default class CountReporter {
  onRunComplete(_contexts, result) {
    const { TEST_COUNTS } = process.env;
    if (!TEST_COUNTS) return;
    const passed = result.numPassedTests;
    // A test file that could not run has no failed tests of its own.
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
    const skipped = result.numPendingTests + result.numTodoTests;
    writeFileSync(TEST_COUNTS, JSON.stringify({ passed, failed, skipped }));
  }
}

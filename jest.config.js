/** Files with servers, engines, repositories or programs of their own; what a test needs is in its name or its folder. */
const needs = {
  integration: '\\.integration\\.test\\.ts$',
  e2e: '/test/(e2e|deploy)/',
  cluster: '\\.cluster\\.test\\.ts$',
};

const project = (displayName, testMatch, ...others) => ({
  displayName,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  // Node runs the sources as they are; jest needs them as JavaScript, so swc strips the types.
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript' },
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  testMatch: [`<rootDir>/test/${testMatch}`],
  testPathIgnorePatterns: others,
  globalSetup: '<rootDir>/test/support/jest/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/jest/global-teardown.ts',
});

export default {
  projects: [
    project('unit', '**/*.test.ts', needs.integration, needs.e2e, needs.cluster),
    project('integration', '**/*.integration.test.ts'),
    project('e2e', '{e2e,deploy}/**/*.test.ts', needs.cluster),
    project('cluster', '**/*.cluster.test.ts'),
  ],
  reporters: ['default', '<rootDir>/scripts/count-reporter.mjs'],
  // A guard against what hangs: what is slow on a busy machine is not wrong.
  testTimeout: 600_000,
  maxWorkers: 2,
};

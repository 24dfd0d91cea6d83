/** Node runs the sources as they are; jest needs them as JavaScript, so swc strips the types. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
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
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/jest/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/jest/global-teardown.ts',
  testSequencer: '<rootDir>/scripts/long-first.mjs',
  reporters: ['default', '<rootDir>/scripts/count-reporter.mjs'],
  // A guard against what hangs: what is slow on a busy machine is not wrong.
  testTimeout: 300_000,
  // On two cores, as many tests wait for servers and containers.
  maxWorkers: 3,
};

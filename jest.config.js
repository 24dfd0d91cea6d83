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
  globalSetup: '<rootDir>/test/fixtures/global-setup.ts',
  globalTeardown: '<rootDir>/test/fixtures/global-teardown.ts',
  reporters: ['default', '<rootDir>/scripts/count-reporter.mjs'],
  // A guard against what hangs: what is slow on a busy machine is not wrong.
  testTimeout: 300_000,
  maxWorkers: 2,
};

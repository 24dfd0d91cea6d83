import { readFileSync } from 'node:fs';

/** Versions of the embedded servers; src/programs/embedded reads the same file. */
export const versions = JSON.parse(
  readFileSync(new URL('../../src/programs/embedded/versions.json', import.meta.url), 'utf8'),
);

import { readFileSync } from 'node:fs';

/** Of the embedded servers; src/dev reads the same file. */
export const versions = JSON.parse(readFileSync(new URL('../../src/dev/versions.json', import.meta.url), 'utf8'));

import { Fault } from './fault.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: git refuses these in names
const forbidden = /[\u0000-\u0020\u007f~^:?*[\\]/;

/**
 * Checks a version: '', a sha, or the name of a branch or tag by the rules of git check-ref-format, without a leading `-`.
 * Rejects revision expressions (`HEAD~2`, `main@{1}`). Throws `ref_invalid`.
 */
export function checkVersion(version: string): void {
  const problem = findProblem(version);
  if (problem === undefined) return;
  throw new Fault('ref_invalid', `the version ${JSON.stringify(version.slice(0, 100))} cannot be used: ${problem}`, {
    hint: 'A version is a commit, a branch or a tag; leave it empty for the head of the default branch.',
  });
}

function findProblem(version: string): string | undefined {
  if (version.length > 255) return 'it is longer than 255 characters';
  if (version.startsWith('-')) return 'it begins with "-"';
  const found = forbidden.exec(version);
  if (found) return `it contains ${JSON.stringify(found[0])}`;
  if (version.includes('..')) return 'it contains ".."';
  if (version.includes('@{') || version === '@') return 'it contains "@{" or is "@"';
  if (version.startsWith('/') || version.endsWith('/') || version.includes('//')) return 'it has an empty part';
  if (version.endsWith('.')) return 'it ends with "."';
  const parts = version.split('/');
  if (parts.some((part) => part.startsWith('.'))) return 'a part of it begins with "."';
  if (parts.some((part) => part.endsWith('.lock'))) return 'a part of it ends with ".lock"';
  return undefined;
}

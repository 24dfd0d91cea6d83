/**
 * `node scripts/check-commits.mjs <range>`: checks that the subjects of the commits follow Conventional Commits 1.0.0 and have at
 * most 72 characters, and that none is a merge. Prints the violations, and exits with 1 if there are any.
 */
import { execFileSync } from 'node:child_process';

const types = 'build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test';
const conventional = new RegExp(`^(${types})(\\([a-z0-9-]+(, ?[a-z0-9-]+)*\\))?!?: \\S.*[^.\\s]$`);
const maxLength = 72;

const [range] = process.argv.slice(2);
if (!range) {
  console.error('usage: node scripts/check-commits.mjs <range>, such as origin/main..HEAD');
  process.exit(1);
}
const log = execFileSync('git', ['log', '--format=%h%x09%p%x09%s', range], { encoding: 'utf8' });
const problems = log
  .split('\n')
  .filter(Boolean)
  .flatMap((line) => {
    const [id, parents = '', subject = ''] = line.split('\t');
    const found = [
      parents.includes(' ') && 'is a merge: rebase instead',
      subject.length > maxLength && `has ${subject.length} characters, more than ${maxLength}`,
      !conventional.test(subject) &&
        'is not "type(scope): what it does", as in "fix(api): answer 404 for unknown tasks"',
    ].filter(Boolean);
    return found.map((problem) => `${id} ${subject}\n  ${problem}`);
  });
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);

import { Fault } from '../../model/fault.ts';
import type { CommitInfo } from '../../model/ports/git.ts';
import { isCloned, type Mirror } from './mirror.ts';

/** Limit of the commits in a range, as their shas go through Temporal. */
const maxCommits = 20_000;

/** Counts the commits that each side has and the other lacks; returns undefined when the mirror does not have both. */
export async function countAheadBehind(
  mirror: Mirror,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<{ ahead: number; behind: number } | undefined> {
  if (!isCloned(mirror)) return undefined;
  const answer = await mirror
    .git(signal)
    .raw(['rev-list', '--left-right', '--count', `${from}...${to}`, '--'])
    .catch(() => {
      signal.throwIfAborted();
      return '';
    });
  const [, behind, ahead] = /^(\d+)\s+(\d+)/.exec(answer) ?? [];
  return ahead === undefined ? undefined : { ahead: Number(ahead), behind: Number(behind) };
}

/**
 * Returns the commits from `good` (excluded) to `bad` (included) by first parents, oldest first. Throws `input_invalid` when
 * `good` is not before `bad`, or when there are too many.
 */
export async function firstParents(mirror: Mirror, good: string, bad: string, signal: AbortSignal): Promise<string[]> {
  const git = mirror.git(signal);
  const chain = await git.raw([
    'rev-list',
    '--first-parent',
    '--reverse',
    `--max-count=${maxCommits + 1}`,
    bad,
    `^${good}`,
    '--',
  ]);
  const commits = chain.split('\n').filter((line) => line !== '');
  const [oldest] = commits;
  const parent = oldest && (await git.raw(['rev-parse', '--verify', '--quiet', `${oldest}^1`]).catch(() => ''));
  if (commits.length > maxCommits) {
    throw new Fault('input_invalid', `there are more than ${maxCommits} commits between ${good} and ${bad}`);
  }
  if (!oldest || parent?.trim() !== good) {
    throw new Fault('input_invalid', `commit ${good} is not among the first parents of ${bad}`, {
      hint: 'choose a good task whose commit is on the same branch before the bad one; merged branches are not searched',
    });
  }
  return commits;
}

/** Returns the author, the date and the subject of a commit. */
export async function commitInfo(mirror: Mirror, commit: string, signal: AbortSignal): Promise<CommitInfo> {
  const text = await mirror.git(signal).raw(['show', '--no-patch', '--format=%an <%ae>%x00%aI%x00%s', commit, '--']);
  const [author = '', at = '', subject = ''] = text.trimEnd().split('\0');
  return { sha: commit, author, at, subject };
}

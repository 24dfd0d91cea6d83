import { Fault } from '../../model/fault.ts';
import type { CommitInfo } from '../../model/ports/git.ts';
import { isThere, type Mirror } from './mirror.ts';

/** Commits that a range may have: their shas go through Temporal. */
const mostCommits = 20_000;

/** How many commits each of two has that the other has not; undefined where the mirror does not know both. */
export async function countBetween(
  mirror: Mirror,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<{ ahead: number; behind: number } | undefined> {
  if (!isThere(mirror)) return undefined;
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
 * The commits that lead from `good` to `bad` by first parents, oldest first, `bad` the last one. Throws `input_invalid` when
 * `good` is not before `bad`, or when they are too many.
 */
export async function firstParents(mirror: Mirror, good: string, bad: string, signal: AbortSignal): Promise<string[]> {
  const git = mirror.git(signal);
  const chain = await git.raw([
    'rev-list',
    '--first-parent',
    '--reverse',
    `--max-count=${mostCommits + 1}`,
    bad,
    `^${good}`,
    '--',
  ]);
  const commits = chain.split('\n').filter((line) => line !== '');
  const [oldest] = commits;
  const parent = oldest && (await git.raw(['rev-parse', '--verify', '--quiet', `${oldest}^1`]).catch(() => ''));
  if (commits.length > mostCommits) {
    throw new Fault('input_invalid', `there are more than ${mostCommits} commits between ${good} and ${bad}`);
  }
  if (!oldest || parent?.trim() !== good) {
    throw new Fault('input_invalid', `commit ${good} is not among the first parents of ${bad}`, {
      hint: 'give a good task whose commit was on the same branch before the bad one, merges not entered',
    });
  }
  return commits;
}

/** Who made a commit, when, and its first line. */
export async function commitInfo(mirror: Mirror, commit: string, signal: AbortSignal): Promise<CommitInfo> {
  const text = await mirror.git(signal).raw(['show', '--no-patch', '--format=%an <%ae>%x00%aI%x00%s', commit, '--']);
  const [author = '', at = '', subject = ''] = text.trimEnd().split('\0');
  return { sha: commit, author, at, subject };
}

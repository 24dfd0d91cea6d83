import { Fault } from '../../model/fault.ts';
import { checkVersion } from '../../model/ref-name.ts';
import { fetchCommit } from './fetch-mirror.ts';
import { findCommit } from './find-commit.ts';
import { headRef, type Mirror } from './mirror.ts';
import { similarNames } from './similar-names.ts';

const fullSha = /^[0-9a-f]{40}$/i;
const shortSha = /^[0-9a-f]{4,39}$/i;

/**
 * The full sha that a version means, in the order of git rev-parse: '' and HEAD are the default branch's head; then a full sha,
 * a tag (peeled), a branch, an abbreviated sha; `heads/x`, `tags/x` and either behind `refs/` say which of both is meant. Only a full sha that the mirror has does without `update`.
 * Faults: ref_invalid, ref_not_found, and those of `update`; other errors are git's own.
 */
export async function resolveVersion(
  mirror: Mirror,
  version: string,
  update: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<string> {
  checkVersion(version);
  if (fullSha.test(version)) return resolveSha(mirror, version.toLowerCase(), update, signal);
  await update(signal);
  const commit = await findCommit(mirror, candidates(version), signal);
  if (!commit) throw await notFound(mirror, version, signal);
  return commit;
}

async function resolveSha(
  mirror: Mirror,
  sha: string,
  update: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<string> {
  const known = await findCommit(mirror, [sha], signal);
  if (known) return known;
  await update(signal);
  const fetched = await findCommit(mirror, [sha], signal);
  if (fetched) return fetched;
  await fetchCommit(mirror, sha, signal);
  const commit = await findCommit(mirror, [sha], signal);
  if (!commit) throw await notFound(mirror, sha, signal);
  return commit;
}

function candidates(version: string): string[] {
  if (version === '' || version === 'HEAD') return [headRef];
  if (/^refs\/(heads|tags)\//.test(version)) return [version];
  // gitrevisions(7): `refs/<refname>` goes before a tag or branch that has `heads/` in its own name.
  const exact = /^(heads|tags)\//.test(version) ? [`refs/${version}`] : [];
  const names = [...exact, `refs/tags/${version}`, `refs/heads/${version}`];
  return shortSha.test(version) ? [...names, version] : names;
}

async function notFound(mirror: Mirror, version: string, signal: AbortSignal): Promise<Fault> {
  const { url } = mirror.repository;
  const git = mirror.git(signal);
  const refs = (await git.raw(['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads', 'refs/tags'])).split('\n');
  if (version === '' || version === 'HEAD') {
    return new Fault('ref_not_found', `the repository ${url} has no default branch`, {
      hint: hintOf(refs.slice(0, 5)),
    });
  }
  if (shortSha.test(version)) {
    const objects = (await git.raw(['rev-parse', `--disambiguate=${version}`])).split('\n').filter(Boolean);
    if (objects.length > 1) {
      const hint = `Write more of its digits: ${objects.slice(0, 5).join(', ')}`;
      return new Fault('ref_not_found', `${version} is the beginning of several objects of ${url}`, { hint });
    }
  }
  const isShallow = (await git.raw(['rev-parse', '--is-shallow-repository'])).trim() === 'true';
  return new Fault('ref_not_found', `the repository ${url} has no commit, branch or tag ${version}`, {
    hint:
      isShallow && (fullSha.test(version) || shortSha.test(version))
        ? shallowHint
        : hintOf(similarNames(version, refs.filter(Boolean))),
  });
}

const shallowHint =
  'The repository is shallow, it lacks the older commits: git fetch --unshallow in it gets them, or name a newer one.';

function hintOf(names: readonly string[]): string {
  const list = names.filter(Boolean).join(', ');
  return list ? `It has: ${list}` : 'No branch or tag of it has a similar name.';
}

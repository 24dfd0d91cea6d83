import { Fault } from '../../model/fault.ts';
import { checkVersion } from '../../model/ref-name.ts';
import { fetchCommit } from './fetch-mirror.ts';
import { findCommit } from './find-commit.ts';
import { headRef, type Mirror } from './mirror.ts';
import { findSimilarNames } from './similar-names.ts';

const fullSha = /^[0-9a-f]{40}$/i;
const shortSha = /^[0-9a-f]{4,39}$/i;

/**
 * Resolves a version to a full sha, in the order of git rev-parse: '' and HEAD are the default branch's head; then a full sha,
 * a tag (peeled), a branch, an abbreviated sha; `heads/x`, `tags/x`, also after `refs/`, choose a branch or a tag. Calls `update`
 * unless the version is a full sha that the mirror has. Faults: ref_invalid, ref_not_found, those of `update`; or git's own errors.
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
  // gitrevisions(7): `refs/<refname>` has priority over a tag or branch whose own name begins with `heads/`.
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
      const hint = `Use more digits: ${objects.slice(0, 5).join(', ')}`;
      return new Fault('ref_not_found', `${version} is ambiguous: it is a prefix of several objects of ${url}`, {
        hint,
      });
    }
  }
  const isShallow = (await git.raw(['rev-parse', '--is-shallow-repository'])).trim() === 'true';
  return new Fault('ref_not_found', `the repository ${url} has no commit, branch or tag ${version}`, {
    hint:
      isShallow && (fullSha.test(version) || shortSha.test(version))
        ? shallowHint
        : hintOf(findSimilarNames(version, refs.filter(Boolean))),
  });
}

const shallowHint =
  'The repository is shallow and lacks older commits: run git fetch --unshallow in it, or use a newer commit.';

function hintOf(names: readonly string[]): string {
  const list = names.filter(Boolean).join(', ');
  return list ? `It has: ${list}` : 'It has no branch or tag with a similar name.';
}

import { Fault } from '../../model/fault.ts';
import type { Mirror } from './mirror.ts';

/** A submodule of a commit. */
export interface Submodule {
  /** Path of its folder, without `.` and `..`. */
  path: string;
  /** Address in .gitmodules, relative to the parent's address if it begins with `./` or `../`. */
  url: string;
  commit: string;
}

/** Parts of a path that would lead a checkout outside of the folder or into `.git`. */
const unsafe = /^(\.{0,2}|\.git|git~\d+)$/i;

/**
 * Lists the submodules of a commit that have an address in .gitmodules, ordered by path (gitmodules(5)). Ignores those without
 * an address, as git does. Throws `repository_refused` for a path that leads out of the repository.
 */
export async function listSubmodules(mirror: Mirror, commit: string, signal: AbortSignal): Promise<Submodule[]> {
  const git = mirror.git(signal, { input: `${commit}:.gitmodules\n` });
  if (!/ blob$/m.test(await git.raw(['cat-file', '--batch-check=%(objectname) %(objecttype)']))) return [];
  const urls = await readAddresses(mirror, commit, signal);
  if (urls.size === 0) return [];
  const found: Submodule[] = [];
  for (const entry of (await mirror.git(signal).raw(['ls-tree', '-r', '-z', '--full-tree', commit])).split('\0')) {
    const [, sha, path] = /^160000 commit ([0-9a-f]{40})\t(.+)$/s.exec(entry) ?? [];
    const url = path === undefined ? undefined : urls.get(path);
    if (sha === undefined || path === undefined || url === undefined) continue;
    if (path.split('/').some((part) => unsafe.test(part))) {
      const message = `${mirror.repository.url} has a submodule at the invalid path ${JSON.stringify(path)}`;
      throw new Fault('repository_refused', message, {
        hint: 'The path of a submodule must be a folder inside its repository.',
      });
    }
    found.push({ path, url, commit: sha });
  }
  return found;
}

/** Returns the addresses of .gitmodules by path; git itself reads the file and follows no include in it. */
async function readAddresses(mirror: Mirror, commit: string, signal: AbortSignal): Promise<Map<string, string>> {
  const listed = await mirror
    .git(signal)
    .raw(['config', `--blob=${commit}:.gitmodules`, '--no-includes', '-z', '--list'])
    .catch((error: unknown) => {
      signal.throwIfAborted();
      throw new Fault('build_failed', `.gitmodules of ${mirror.repository.url} at ${commit} cannot be read`, {
        cause: error,
      });
    });
  const byName = new Map<string, { path?: string; url?: string }>();
  for (const entry of listed.split('\0')) {
    const [, name, key, value] = /^submodule\.(.+)\.(path|url)\n(.*)$/s.exec(entry) ?? [];
    if (name !== undefined && key !== undefined) byName.set(name, { ...byName.get(name), [key]: value });
  }
  return new Map([...byName.values()].flatMap(({ path, url }) => (path && url ? [[path, url] as const] : [])));
}

/** Resolves the address of a submodule against its parent's, as `git submodule init` does (git-submodule, add). */
export function resolveSubmoduleUrl(parent: string, url: string): string {
  if (!/^\.\.?\//.test(url)) return url;
  let base = parent.replace(/\/+$/, '');
  let rest = url;
  let separator = '/';
  for (;;) {
    if (rest.startsWith('./')) rest = rest.slice(2);
    else if (rest.startsWith('../')) {
      rest = rest.slice(3);
      const slash = base.lastIndexOf('/');
      // user@host:path is cut at its colon.
      const cut = slash >= 0 ? slash : base.lastIndexOf(':');
      separator = slash >= 0 ? '/' : ':';
      base = base.slice(0, Math.max(0, cut));
    } else break;
  }
  return `${base}${separator}${rest}`.replace(/\/+$/, '');
}

import { Fault } from '../../model/fault.ts';
import { parseRepositoryUrl } from '../../model/repository-url.ts';
import { type Submodule, submoduleUrl } from './submodules.ts';
import type { WorkingCopy } from './working-copy.ts';

/** Submodules within submodules, and all submodules of one commit: beyond these it is a mistake, or an attack. */
const deepest = 8;
const most = 200;

/** A commit and its place in a working tree: '' is the root. */
export interface Tree {
  copy: WorkingCopy;
  commit: string;
  path: string;
}

/** Opens a repository by its address. Throws `repository_refused` for one that is not on the allow-list. */
export type Open = (url: string) => Promise<WorkingCopy>;

/**
 * The commit and those of its submodules, parents first, of which `wanted` says that their folder is needed. Each submodule's
 * address passes the same checks as a repository's. Faults: those of a repository, with the submodule's place.
 */
export async function treesOf(
  open: Open,
  root: Tree,
  wanted: (path: string) => boolean,
  signal: AbortSignal,
): Promise<Tree[]> {
  const trees: Tree[] = [];
  const visit = async (tree: Tree, depth: number): Promise<void> => {
    trees.push(tree);
    for (const module of await tree.copy.submodules(tree.commit, signal)) {
      const path = tree.path === '' ? module.path : `${tree.path}/${module.path}`;
      if (!wanted(path)) continue;
      if (depth === deepest || trees.length > most) {
        const bound = depth === deepest ? `nested deeper than ${deepest}` : `more than ${most}`;
        throw new Fault('build_failed', `the submodules of ${root.copy.url} at ${root.commit} are ${bound}`);
      }
      await located(tree, module, path, async () => {
        const copy = await open(checkedUrl(tree.copy.url, module));
        const commit = await copy.resolve(module.commit, signal);
        await visit({ copy, commit, path }, depth + 1);
      });
    }
  };
  await visit(root, 0);
  return trees;
}

/** A repository that is fetched from elsewhere must not bring files of this machine in. */
function checkedUrl(parent: string, module: Submodule): string {
  const url = submoduleUrl(parent, module.url);
  const fromDisk = parseRepositoryUrl(parent, { allowFileUrls: true }).scheme === 'file';
  return parseRepositoryUrl(url, { allowFileUrls: fromDisk }).url;
}

async function located(tree: Tree, module: Submodule, path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Fault) || error.where?.file !== undefined) throw error;
    const message = `submodule ${path} of ${tree.copy.url} at ${tree.commit.slice(0, 12)}: ${error.message}`;
    throw new Fault(error.code, message, {
      where: { file: '.gitmodules', path: module.path },
      cause: error,
      ...(error.hint !== undefined && { hint: error.hint }),
    });
  }
}

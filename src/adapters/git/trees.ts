import { Fault } from '../../model/fault.ts';
import { parseRepositoryUrl } from '../../model/repository-url.ts';
import type { SharedMirror } from './shared-mirror.ts';
import { resolveSubmoduleUrl, type Submodule } from './submodules.ts';

/** Limits of nested submodules and of all submodules of one commit: more are a misconfiguration or an attack. */
const maxDepth = 8;
const maxSubmodules = 200;

/** A commit and its path in a working tree: '' is the root. */
export interface Tree {
  mirror: SharedMirror;
  commit: string;
  path: string;
}

/** Opens a repository by its address. Throws `repository_refused` when it is not on the allow-list. */
export type OpenRepository = (url: string) => Promise<SharedMirror>;

/**
 * Returns the commit, then those of its submodules in folders for which `isWanted` is true. Each submodule's address passes the
 * same checks as a repository's. Faults: those of a repository, with the submodule's path.
 */
export async function listTrees(
  open: OpenRepository,
  root: Tree,
  isWanted: (path: string) => boolean,
  signal: AbortSignal,
): Promise<Tree[]> {
  const trees: Tree[] = [];
  const visit = async (tree: Tree, depth: number): Promise<void> => {
    trees.push(tree);
    for (const module of await tree.mirror.submodules(tree.commit, signal)) {
      const path = tree.path === '' ? module.path : `${tree.path}/${module.path}`;
      if (!isWanted(path)) continue;
      if (depth === maxDepth || trees.length > maxSubmodules) {
        const excess = depth === maxDepth ? `nested deeper than ${maxDepth} levels` : `more than ${maxSubmodules}`;
        throw new Fault('build_failed', `the submodules of ${root.mirror.url} at ${root.commit} are ${excess}`);
      }
      await withLocation(tree, module, path, async () => {
        const copy = await open(validSubmoduleUrl(tree.mirror.url, module));
        const commit = await copy.resolve(module.commit, signal);
        await visit({ mirror: copy, commit, path }, depth + 1);
      });
    }
  };
  await visit(root, 0);
  return trees;
}

/** Resolves and checks a submodule's address; a repository from another machine must not read files of this one. */
function validSubmoduleUrl(parent: string, module: Submodule): string {
  const url = resolveSubmoduleUrl(parent, module.url);
  const fromDisk = parseRepositoryUrl(parent, { allowFileUrls: true }).scheme === 'file';
  return parseRepositoryUrl(url, { allowFileUrls: fromDisk }).url;
}

async function withLocation(tree: Tree, module: Submodule, path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Fault) || error.where?.file !== undefined) throw error;
    const message = `submodule ${path} of ${tree.mirror.url} at ${tree.commit.slice(0, 12)}: ${error.message}`;
    throw new Fault(error.code, message, {
      where: { file: '.gitmodules', path: module.path },
      cause: error,
      hint: error.hint,
    });
  }
}

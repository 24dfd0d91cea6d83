import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Pack, pack } from 'tar-stream';
import { findNeededPackages } from './needed-packages.ts';
import { findNeededSources } from './needed-sources.ts';

const kit = 'src/runner/plugin-kit';
const entries = ['src/runner/main.ts', 'src/runner/preload.ts', `${kit}/define-plugin.ts`];
/** Templates of the objects that a deploy step creates in a cluster. */
const templates = ['configmap', 'headless', 'statefulset'].map((name) => `templates/${name}.yaml`);
/** Files that Node or gRPC loads; native addons are specific to this machine, and optional. */
const loadedFile = /\.(c?js|mjs|json|proto)$/;
/** Replaces the repository's package.json, whose scripts and versions change more often than the runner. */
const manifest = '{"private":true,"type":"module"}\n';
/** Tests, documentation and similar files of packages that are never loaded. */
const ignored = /(^|\/)(tests?|__tests__)\/|^(examples?|docs?|benchmarks?)\//;

/** Files of the runner's image. */
export interface RunnerFiles {
  root: string;
  /** Paths below the root, sorted. */
  names: readonly string[];
  /** SHA-256 of names and contents, in hex. */
  hash: string;
}

/** Collects the runner's Dockerfile, sources and packages below `root`; the same content gives the same hash. */
export async function collectRunner(root: string): Promise<RunnerFiles> {
  const { files: sources, packages } = await findNeededSources(root, entries);
  const folders = await findNeededPackages(root, packages);
  const found = await Promise.all(folders.map((folder) => loadedFiles(root, folder)));
  const names = ['Dockerfile', `${kit}/package.json`, ...templates, ...sources, ...found.flat()].sort();
  const hash = createHash('sha256').update(manifest);
  // Read one after the other: together they take 20 MB that the process would never release.
  for (const name of names) {
    const content = await readFile(join(root, name));
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return { root, names, hash: hash.digest('hex') };
}

async function loadedFiles(root: string, folder: string): Promise<string[]> {
  const found = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(join(root, folder), join(entry.parentPath, entry.name)))
    .filter((name) => loadedFile.test(name) && !ignored.test(name) && !name.startsWith('node_modules/'))
    .map((name) => join(folder, name));
}

/** Packs the build context as a tar archive that depends only on the files' contents. */
export function packRunner(runner: RunnerFiles): Pack {
  const tar = pack();
  writeEntries(tar, runner).catch((error: Error) => tar.destroy(error));
  return tar;
}

async function writeEntries(tar: Pack, { root, names }: RunnerFiles): Promise<void> {
  tar.entry({ name: 'package.json', mode: 0o644, mtime: new Date(0) }, manifest);
  for (const name of names) {
    const content = await readFile(join(root, name));
    await new Promise<void>((resolve, reject) => {
      tar.entry({ name, mode: 0o644, mtime: new Date(0) }, content, (error) => (error ? reject(error) : resolve()));
    });
  }
  tar.finalize();
}

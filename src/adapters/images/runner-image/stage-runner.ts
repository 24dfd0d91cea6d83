import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Pack, pack } from 'tar-stream';
import { neededPackages } from './needed-packages.ts';
import { neededSources } from './needed-sources.ts';

const kit = 'src/runner/plugin-kit';
const entries = ['src/runner/main.ts', 'src/runner/preload.ts', `${kit}/define-plugin.ts`];
/** Templates of what a deploy step makes in a cluster. */
const templates = ['configmap', 'headless', 'statefulset'].map((name) => `templates/${name}.yaml`);
/** What Node loads, and the descriptions that gRPC loads; compiled additions are of this machine, and optional. */
const loaded = /\.(c?js|mjs|json|proto)$/;
/** Not the repository's own package.json, whose scripts and versions change more often than the runner. */
const manifest = '{"private":true,"type":"module"}\n';
/** Sources in other languages, tests and the like that packages bring and never load. */
const ignored = /(^|\/)(tests?|__tests__)\/|^(examples?|docs?|benchmarks?)\//;

/** The files that the runner's image is made of. */
export interface RunnerFiles {
  root: string;
  /** Paths below the root, in order. */
  names: readonly string[];
  /** SHA-256 of names and contents, in hex. */
  hash: string;
}

/** Collects the runner's Dockerfile, sources and packages below `root`; the same content gives the same hash. */
export async function collectRunner(root: string): Promise<RunnerFiles> {
  const { files: sources, packages } = await neededSources(root, entries);
  const folders = await neededPackages(root, packages);
  const found = await Promise.all(folders.map((folder) => loadedFiles(root, folder)));
  const names = ['Dockerfile', `${kit}/package.json`, ...templates, ...sources, ...found.flat()].sort();
  const hash = createHash('sha256').update(manifest);
  // One after the other: together they would be 20 MB that the process never gives back.
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
    .filter((name) => loaded.test(name) && !ignored.test(name) && !name.startsWith('node_modules/'))
    .map((name) => join(folder, name));
}

/** The build context: the files as a tar archive that depends on their contents alone. */
export function archive(runner: RunnerFiles): Pack {
  const tar = pack();
  write(tar, runner).catch((error: Error) => tar.destroy(error));
  return tar;
}

async function write(tar: Pack, { root, names }: RunnerFiles): Promise<void> {
  tar.entry({ name: 'package.json', mode: 0o644, mtime: new Date(0) }, manifest);
  for (const name of names) {
    const content = await readFile(join(root, name));
    await new Promise<void>((resolve, reject) => {
      tar.entry({ name, mode: 0o644, mtime: new Date(0) }, content, (error) => (error ? reject(error) : resolve()));
    });
  }
  tar.finalize();
}

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Pack, pack } from 'tar-stream';
import { neededPackages } from './needed-packages.ts';
import { neededSources } from './needed-sources.ts';

const entries = ['src/runner/main.ts', 'src/runner/preload.ts'];
/** Templates of what a deploy step makes in a cluster. */
const templates = ['configmap', 'headless', 'statefulset'].map((name) => `templates/${name}.yaml`);
/** What Node loads, and the descriptions that gRPC loads; compiled additions are of this machine, and optional. */
const loaded = /\.(c?js|mjs|json|proto)$/;
/** Sources in other languages, tests and the like that packages bring and never load. */
const ignored = /(^|\/)(tests?|__tests__|examples?|docs?|benchmarks?)\//;

/** The files that the runner's image is made of. */
export interface RunnerFiles {
  files: ReadonlyMap<string, Buffer>;
  /** SHA-256 of names and contents, in hex. */
  hash: string;
}

/** Collects the runner's Dockerfile, sources and packages below `root`; the same content gives the same hash. */
export async function collectRunner(root: string): Promise<RunnerFiles> {
  const { files: sources, packages } = await neededSources(root, entries);
  const folders = await neededPackages(root, packages);
  const found = await Promise.all(folders.map((folder) => loadedFiles(root, folder)));
  const names = ['Dockerfile', ...templates, ...sources, ...found.flat()].sort();
  const read = names.map(async (name) => [name, await readFile(join(root, name))] as const);
  // Not the repository's own, whose scripts and versions change more often than the runner.
  const manifest = ['package.json', Buffer.from('{"private":true,"type":"module"}\n')] as const;
  const files = new Map([manifest, ...(await Promise.all(read))]);
  const hash = createHash('sha256');
  for (const [name, content] of files) hash.update(`${name}\0${content.length}\0`).update(content);
  return { files, hash: hash.digest('hex') };
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
export function archive({ files }: RunnerFiles): Pack {
  const tar = pack();
  for (const [name, content] of files) tar.entry({ name, mode: 0o644, mtime: new Date(0) }, content);
  tar.finalize();
  return tar;
}

import { constants, type Dirent } from 'node:fs';
import { lstat, mkdir, open, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { artifactPartBytes, countParts } from '../model/artifact.ts';
import type { MarkerBody, StepOutput } from './output.ts';

/** Limits of the artifacts of one step. */
const max = { bytes: 4 * 1024 * 1024, files: 100, pathLength: 300, reported: 20 };

/** Returns the folder for a step's artifacts; later steps can read it too. */
export function artifactFolder(directory: string, instance: string): string {
  return join(directory, 'artifacts', instance);
}

/** Creates an empty folder for a step's artifacts, without files of an earlier try. */
export async function createArtifactFolder(directory: string, instance: string): Promise<void> {
  const folder = artifactFolder(directory, instance);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}

/**
 * Writes the files of a step as markers, part by part, ordered by path, so that they are stored with the log: a runner has no
 * credentials to store them elsewhere. Files that cannot be stored are reported in the log with the reason.
 */
export async function writeArtifacts(
  folder: string,
  instance: string,
  { write, output }: { write(body: MarkerBody): Promise<void>; output: StepOutput },
): Promise<void> {
  let bytesLeft = max.bytes;
  const { files, others } = await listEntries(folder).catch((error: Error) => {
    return output.print(`cannot store the artifacts: ${error.message}`).then(() => ({ files: [], others: [] }));
  });
  for (const { path, kind } of others.slice(0, max.reported)) {
    await output.print(`artifact ${quoteIfNeeded(path)} is not stored: it is ${kind}`);
  }
  if (others.length > max.reported) await output.print('more links, pipes and devices are not stored');
  for (const [index, path] of files.entries()) {
    const content = await readArtifact(folder, path, { index, left: bytesLeft }).catch((error: Error) => error);
    if (content instanceof Error) {
      await output.print(`artifact ${quoteIfNeeded(path)} is not stored: ${content.message}`);
      continue;
    }
    bytesLeft -= content.length;
    for (let part = 0; part < countParts(content.length); part += 1) {
      const data = content.subarray(part * artifactPartBytes, (part + 1) * artifactPartBytes).toString('base64');
      await write({ brightbird: 'step.file', instance, path, size: content.length, part, data });
    }
  }
}

async function readArtifact(folder: string, path: string, { index, left }: { index: number; left: number }) {
  if (index >= max.files) throw new Error(`the step has more than ${max.files} artifacts`);
  if (path.length > max.pathLength) throw new Error(`its path exceeds the limit of ${max.pathLength} characters`);
  return readWithin(join(folder, path), left);
}

interface Entries {
  files: string[];
  /** Entries that are neither files nor folders, with their kind. */
  others: { path: string; kind: string }[];
}

/** Lists the entries below a folder; a missing folder is empty. Does not follow links, which may lead anywhere. */
async function listEntries(folder: string): Promise<Entries> {
  const found: Entries = { files: [], others: [] };
  const top = await lstat(folder).catch(ignoreMissing);
  if (top?.isSymbolicLink()) throw new Error(`${basename(folder)} is a symbolic link`);
  if (top) await addEntries(found, folder, '');
  return found;
}

async function addEntries(found: Entries, folder: string, below: string): Promise<void> {
  for (const entry of await readFolder(join(folder, below))) {
    const path = join(below, entry.name);
    if (entry.isDirectory()) await addEntries(found, folder, path);
    else if (entry.isFile()) found.files.push(path);
    // One more than the limit is collected, as of files, to detect that there are more.
    else if (found.others.length <= max.reported) found.others.push({ path, kind: kindOf(entry) });
    if (found.files.length > max.files) break;
  }
}

/** Returns a path on one line: quoted when it has control characters. */
function quoteIfNeeded(path: string): string {
  return /\p{Cc}/u.test(path) ? JSON.stringify(path) : path;
}

function kindOf(entry: Dirent): string {
  if (entry.isSymbolicLink()) return 'a symbolic link';
  if (entry.isFIFO()) return 'a named pipe';
  if (entry.isSocket()) return 'a socket';
  return 'a device';
}

async function readFolder(folder: string): Promise<Dirent[]> {
  const entries = (await readdir(folder, { withFileTypes: true }).catch(ignoreMissing)) ?? [];
  return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Ignores a missing entry: the step, or a process that it left running, removed it. */
function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

async function readWithin(path: string, limit: number): Promise<Buffer> {
  // Since it was listed it may have been replaced by a link, or by a pipe that would block.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new Error('it is not a regular file');
    if (stat.size > limit)
      throw new Error(`the artifacts of the step exceed the limit of ${max.bytes / 1024 / 1024} MB`);
    const buffer = Buffer.alloc(stat.size);
    const { bytesRead } = await file.read(buffer, 0, stat.size, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

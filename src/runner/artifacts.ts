import { constants, type Dirent } from 'node:fs';
import { lstat, mkdir, open, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { artifactPart, partsOf } from '../model/artifact.ts';
import type { MarkerBody, StepOutput } from './output.ts';

/** What is kept of one step. */
const most = { bytes: 4 * 1024 * 1024, files: 100, path: 300, told: 20 };

/** The folder in which a step may leave files; later steps can read it too. */
export function artifactFolder(directory: string, instance: string): string {
  return join(directory, 'artifacts', instance);
}

/** Makes the folder of a step, without what an earlier try has left. */
export async function makeArtifactFolder(directory: string, instance: string): Promise<void> {
  const folder = artifactFolder(directory, instance);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}

/**
 * Says the files of a step by markers, part by part, in the order of their paths, so that who keeps the log keeps them too:
 * a runner has no rights and no credentials for more. What cannot be kept is said in the log, with the reason.
 */
export async function sayArtifacts(
  folder: string,
  instance: string,
  { say, output }: { say(body: MarkerBody): Promise<void>; output: StepOutput },
): Promise<void> {
  let left = most.bytes;
  const { files, others } = await entriesIn(folder).catch((error: Error) => {
    return output.print(`the artifacts are not kept: ${error.message}`).then(() => ({ files: [], others: [] }));
  });
  for (const { path, kind } of others.slice(0, most.told)) {
    await output.print(`artifact ${shown(path)} is not kept: it is ${kind}`);
  }
  if (others.length > most.told) await output.print('more of its links, pipes and devices are not kept');
  for (const [index, path] of files.entries()) {
    const content = await readKept(folder, path, { index, left }).catch((error: Error) => error);
    if (content instanceof Error) {
      await output.print(`artifact ${shown(path)} is not kept: ${content.message}`);
      continue;
    }
    left -= content.length;
    for (let part = 0; part < partsOf(content.length); part += 1) {
      const data = content.subarray(part * artifactPart, (part + 1) * artifactPart).toString('base64');
      await say({ brightbird: 'step.file', instance, path, size: content.length, part, data });
    }
  }
}

async function readKept(folder: string, path: string, { index, left }: { index: number; left: number }) {
  if (index >= most.files) throw new Error(`the step left more than ${most.files} files`);
  if (path.length > most.path) throw new Error(`its path is longer than ${most.path} characters`);
  return readWithin(join(folder, path), left);
}

interface Entries {
  files: string[];
  /** What is neither a file nor a folder, and what it is. */
  others: { path: string; kind: string }[];
}

/** What is below a folder; nothing if it is not there. Links are not followed: they may lead anywhere. */
async function entriesIn(folder: string): Promise<Entries> {
  const found: Entries = { files: [], others: [] };
  const top = await lstat(folder).catch(unlessMissing);
  if (top?.isSymbolicLink()) throw new Error(`${basename(folder)} is a symbolic link`);
  if (top) await addEntries(found, folder, '');
  return found;
}

async function addEntries(found: Entries, folder: string, below: string): Promise<void> {
  for (const entry of await entriesOf(join(folder, below))) {
    const path = join(below, entry.name);
    if (entry.isDirectory()) await addEntries(found, folder, path);
    else if (entry.isFile()) found.files.push(path);
    // One more than is told, as of the files, so that it is known that there are more.
    else if (found.others.length <= most.told) found.others.push({ path, kind: kindOf(entry) });
    if (found.files.length > most.files) break;
  }
}

/** On one line. */
function shown(path: string): string {
  return /\p{Cc}/u.test(path) ? JSON.stringify(path) : path;
}

function kindOf(entry: Dirent): string {
  if (entry.isSymbolicLink()) return 'a symbolic link';
  if (entry.isFIFO()) return 'a named pipe';
  if (entry.isSocket()) return 'a socket';
  return 'a device';
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = (await readdir(folder, { withFileTypes: true }).catch(unlessMissing)) ?? [];
  return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** It was removed by the step, or by a process that it left behind. */
function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

async function readWithin(path: string, limit: number): Promise<Buffer> {
  // It may have become something else since it was listed: a link, or a pipe that would block.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new Error('it is no regular file');
    if (stat.size > limit) throw new Error(`with it the files of the step are over ${most.bytes / 1024 / 1024} MB`);
    const buffer = Buffer.alloc(stat.size);
    const { bytesRead } = await file.read(buffer, 0, stat.size, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

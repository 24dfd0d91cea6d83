import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { Fault } from '../../model/fault.ts';
import { copyEntries } from '../files/copy-entries.ts';
import { readFromTar } from './build-context.ts';
import { ignoreMatcher } from './ignore-matcher.ts';
import { type IgnorePattern, readIgnoreFile } from './ignore-pattern.ts';

/** True of an entry of a tar file that is not sent. */
export type IsIgnored = (name: string) => boolean;

/**
 * Reads what the `.dockerignore` of a build context names, or that of its Dockerfile alone, `<Dockerfile>.dockerignore`, which goes
 * before: BuildKit leaves that to its client. Undefined without one. Throws `build_failed` for a pattern that cannot be read.
 */
export async function readIgnored(tarPath: string, dockerfile: string): Promise<IsIgnored | undefined> {
  for (const file of [`${dockerfile}.dockerignore`, '.dockerignore']) {
    const patterns = await readFromTar(tarPath, file);
    if (patterns !== undefined) return parse(file, patterns, dockerfile);
  }
  return undefined;
}

/** The build context without what is ignored. A failure of reading comes as the stream's error. */
export function openContext(tarPath: string, isIgnored: IsIgnored | undefined): Readable {
  return isIgnored ? without(tarPath, isIgnored) : createReadStream(tarPath);
}

function without(tarPath: string, ignored: IsIgnored): Readable {
  const left = pack();
  const context = new PassThrough();
  const copied = copyEntries(tarPath, left, (name) => (ignored(name) ? undefined : name)).then(() => left.finalize());
  copied.catch((error: Error) => left.destroy(error));
  pipeline(left, context).catch((error: Error) => context.destroy(error));
  return context;
}

/** True of a path that the patterns leave out. The builder finds its Dockerfile in the context, so that it is never one. */
function parse(file: string, text: string, dockerfile: string): IsIgnored {
  let patterns: IgnorePattern[];
  try {
    patterns = readIgnoreFile(text);
  } catch (error) {
    const { message, cause } = error as Error;
    throw new Fault('build_failed', `${file} has a pattern that cannot be read: ${message}`, { cause });
  }
  const isIgnored = ignoreMatcher(patterns);
  const own = posix.normalize(dockerfile);
  return (name) => {
    const path = posix.normalize(name).replace(/\/$/, '');
    return path !== own && path !== '.' && isIgnored(path);
  };
}

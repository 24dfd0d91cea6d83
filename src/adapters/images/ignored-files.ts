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

/** Tells whether an entry of a tar file is ignored. */
export type IsIgnored = (name: string) => boolean;

/**
 * Reads the `.dockerignore` of a build context, or `<Dockerfile>.dockerignore`, which has priority: BuildKit leaves this to its
 * client. Returns undefined without either. Throws `build_failed` for an invalid pattern.
 */
export async function readDockerignore(tarPath: string, dockerfile: string): Promise<IsIgnored | undefined> {
  for (const file of [`${dockerfile}.dockerignore`, '.dockerignore']) {
    const patterns = await readFromTar(tarPath, file);
    if (patterns !== undefined) return parse(file, patterns, dockerfile);
  }
  return undefined;
}

/** Opens the build context without ignored files. A read error is the stream's error. */
export function openContext(tarPath: string, isIgnored: IsIgnored | undefined): Readable {
  return isIgnored ? filterEntries(tarPath, isIgnored) : createReadStream(tarPath);
}

function filterEntries(tarPath: string, isIgnored: IsIgnored): Readable {
  const filtered = pack();
  const context = new PassThrough();
  const copied = copyEntries(tarPath, filtered, (name) => (isIgnored(name) ? undefined : name)).then(() =>
    filtered.finalize(),
  );
  copied.catch((error: Error) => filtered.destroy(error));
  pipeline(filtered, context).catch((error: Error) => context.destroy(error));
  return context;
}

/** Parses an ignore file. The Dockerfile is never ignored, as the builder reads it from the context. */
function parse(file: string, text: string, dockerfile: string): IsIgnored {
  let patterns: IgnorePattern[];
  try {
    patterns = readIgnoreFile(text);
  } catch (error) {
    const { message, cause } = error as Error;
    throw new Fault('build_failed', `${file} has an invalid pattern: ${message}`, { cause });
  }
  const isIgnored = ignoreMatcher(patterns);
  const own = posix.normalize(dockerfile);
  return (name) => {
    const path = posix.normalize(name).replace(/\/$/, '');
    return path !== own && path !== '.' && isIgnored(path);
  };
}

import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import dockerIgnore from '@balena/dockerignore';
import { pack } from 'tar-stream';
import { Fault } from '../../model/fault.ts';
import { copyEntries } from '../copy-entries.ts';
import { readFromTar } from './build-context.ts';

/**
 * The build context without what its `.dockerignore` names, or that of its Dockerfile alone, `<Dockerfile>.dockerignore`,
 * which goes before: BuildKit leaves that to its client. A failure of reading comes as the stream's error. Throws
 * `build_failed` for a pattern that cannot be read.
 */
export async function openContext(tarPath: string, dockerfile: string): Promise<Readable> {
  for (const file of [`${dockerfile}.dockerignore`, '.dockerignore']) {
    const patterns = await readFromTar(tarPath, file);
    if (patterns !== undefined) return without(tarPath, readIgnored(file, patterns, dockerfile));
  }
  return createReadStream(tarPath);
}

function without(tarPath: string, ignored: (name: string) => boolean): Readable {
  const left = pack();
  const context = new PassThrough();
  const copied = copyEntries(tarPath, left, (name) => (ignored(name) ? undefined : name)).then(() => left.finalize());
  copied.catch((error: Error) => left.destroy(error));
  pipeline(left, context).catch((error: Error) => context.destroy(error));
  return context;
}

/** True of a path that the patterns leave out. The builder finds its Dockerfile in the context, so that it is never one. */
function readIgnored(file: string, patterns: string, dockerfile: string): (name: string) => boolean {
  const rules = dockerIgnore.default({ ignorecase: false });
  for (const pattern of patterns.split('\n')) {
    try {
      // These mean nothing in Go's patterns, and much in the expressions that the library makes of them.
      rules.add(pattern.replace(/\\.|[+(){}|]/g, (part) => (part.length > 1 ? part : `\\${part}`)));
      rules.ignores('a');
    } catch (cause) {
      throw new Fault('build_failed', `${file} has a pattern that cannot be read: ${pattern.trim()}`, { cause });
    }
  }
  const own = posix.normalize(dockerfile);
  return (name) => {
    const path = posix.normalize(name).replace(/\/$/, '');
    return path !== own && path !== '.' && rules.ignores(path);
  };
}

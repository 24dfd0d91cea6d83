import { createWriteStream } from 'node:fs';
import { basename, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { Busboy } from '@fastify/busboy';
import { Fault } from '../../../model/fault.ts';

/** A received form: its files on disk, and its other fields. */
export interface ReceivedForm {
  files: { field: string; name: string; path: string }[];
  fields: { name: string; value: string }[];
}

export interface FormLimits {
  /** Limit of the whole body. */
  maxMegabytes: number;
  maxFiles: number;
  maxFields: number;
}

/**
 * Streams the files of a multipart form into a folder. Throws `unsupported_media_type`, `too_large`, or `invalid_request` for
 * an invalid or incomplete form.
 */
export async function receiveFiles(request: Request, folder: string, limits: FormLimits): Promise<ReceivedForm> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^multipart\/form-data\b/i.test(type)) {
    throw new Fault('unsupported_media_type', 'the body must be a multipart form', {
      hint: 'send it with curl -F plugin=@<file>',
    });
  }
  if (!request.body || !/boundary=/i.test(type)) throw new Fault('invalid_request', 'the body is not a multipart form');
  if (Number(request.headers.get('content-length')) > limits.maxMegabytes * 1024 * 1024) throw tooLarge(limits);
  const form: ReceivedForm = { files: [], fields: [] };
  const parser = new Busboy({
    headers: { 'content-type': type },
    limits: { files: limits.maxFiles, fields: limits.maxFields, fieldSize: 1000, fieldNameSize: 100 },
  });
  const writing: Promise<void>[] = [];
  const broken = new AbortController();
  parser.on('file', (field, stream, name) => {
    const path = join(folder, `file-${form.files.length}`);
    form.files.push({ field, name: basename(name || field), path });
    const written = pipeline(stream, createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }), {
      signal: broken.signal,
    });
    // Fails the whole form without waiting for the other files.
    written.catch((error: Error) => parser.destroy(error));
    writing.push(written);
  });
  parser.on('field', (name, value) => form.fields.push({ name, value }));
  let tooMany: string | undefined;
  parser.on('filesLimit', () => {
    tooMany = `${limits.maxFiles} files`;
  });
  parser.on('fieldsLimit', () => {
    tooMany = `${limits.maxFields} fields`;
  });
  try {
    await pipeline(Readable.fromWeb(request.body as ReadableStream), limitSize(limits), parser);
    await Promise.all(writing);
    if (tooMany !== undefined) throw new Fault('too_large', `the form has more than ${tooMany}`);
  } catch (error) {
    // The parser leaves the incomplete file open; nothing may be written once the folder is removed.
    broken.abort();
    await Promise.allSettled(writing);
    throw uploadFault(error);
  }
  return form;
}

function limitSize(limits: FormLimits): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      size += chunk.length;
      if (size <= limits.maxMegabytes * 1024 * 1024) done(null, chunk);
      else done(tooLarge(limits));
    },
  });
}

function tooLarge({ maxMegabytes }: FormLimits): Fault {
  return new Fault('too_large', `the body exceeds the limit of ${maxMegabytes} MB`);
}

/** Keeps errors of the disk; all others are errors of the form or the client. */
function uploadFault(error: unknown): unknown {
  if (error instanceof Fault || (error as NodeJS.ErrnoException).syscall?.match(/^(open|write|fsync)$/)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new Fault('invalid_request', `incomplete multipart body: ${reason}`, { cause: error });
}

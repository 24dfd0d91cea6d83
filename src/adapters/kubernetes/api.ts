import { fetch, type Response } from 'undici';
import { z } from 'zod';
import { ApiError } from './api-errors.ts';
import type { Connection } from './connection.ts';

/** Request to an API server. */
interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: object;
  signal?: AbortSignal | undefined;
}

/** JSON client of an API server. Throws ApiError, or the error of the connection. */
export interface Api {
  /** Returns the answer, whose shape the caller checks. */
  call(call: Call): Promise<unknown>;
  /** Returns the chunks of the answer, until its end or an abort; leaving the loop closes the connection. */
  stream(call: Call): Promise<AsyncIterable<Buffer>>;
}

/** Time in which an answer must begin. */
const answerTimeoutMs = 15_000;

const statusSchema = z.looseObject({ reason: z.string().default(''), message: z.string().default('') });

export function createApi(connection: Connection): Api {
  return {
    async call(call) {
      const timeout = AbortSignal.timeout(answerTimeoutMs);
      const response = await send(connection, call, call.signal ? AbortSignal.any([call.signal, timeout]) : timeout);
      return response.json();
    },
    async stream(call) {
      const over = new AbortController();
      const timer = setTimeout(() => over.abort(new DOMException('no answer', 'TimeoutError')), answerTimeoutMs);
      const signal = call.signal ? AbortSignal.any([call.signal, over.signal]) : over.signal;
      try {
        return readChunks(await send(connection, call, signal), over);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

async function* readChunks({ body }: Response, over: AbortController): AsyncGenerator<Buffer> {
  try {
    if (body) for await (const chunk of body) yield Buffer.from(chunk);
  } finally {
    over.abort();
  }
}

async function send(connection: Connection, call: Call, signal: AbortSignal): Promise<Response> {
  const { method = 'GET', path, query = {}, body } = call;
  signal.throwIfAborted();
  const { headers, dispatcher } = await connection.sign();
  const url = new URL(connection.server + path);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  const response = await fetch(url, {
    method,
    signal,
    headers: {
      ...headers,
      accept: 'application/json, */*',
      // Otherwise a patch would be read as a list of operations.
      ...(body && { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    ...(dispatcher && { dispatcher }),
  });
  if (response.ok) return response;
  throw await readError(response);
}

async function readError(response: Response): Promise<ApiError> {
  const text = await response.text();
  let status: z.infer<typeof statusSchema> = { reason: '', message: text.trim() };
  try {
    status = statusSchema.parse(JSON.parse(text));
  } catch {
    // A proxy in between answers with a page, whose text is used.
  }
  return new ApiError(response.status, status.reason, status.message || response.statusText);
}

import { fetch, type Response } from 'undici';
import { z } from 'zod';
import { ApiError } from './api-errors.ts';
import type { Connection } from './connection.ts';

/** One request to an API server. */
interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: object;
  signal?: AbortSignal | undefined;
}

/** An API server, in JSON. Its errors are ApiError, or those of a connection. */
export interface Api {
  /** The answer as it is; who asked checks its shape. */
  call(call: Call): Promise<unknown>;
  /** The answer piece by piece, until its end or an abort; leaving the loop closes the connection. */
  stream(call: Call): Promise<AsyncIterable<Buffer>>;
}

/** Milliseconds in which an answer has to begin. */
const patience = 15_000;

const statusSchema = z.looseObject({ reason: z.string().default(''), message: z.string().default('') });

export function createApi(connection: Connection): Api {
  return {
    async call(call) {
      const over = AbortSignal.timeout(patience);
      const response = await send(connection, call, call.signal ? AbortSignal.any([call.signal, over]) : over);
      return response.json();
    },
    async stream(call) {
      const over = new AbortController();
      const timer = setTimeout(() => over.abort(new DOMException('no answer', 'TimeoutError')), patience);
      const signal = call.signal ? AbortSignal.any([call.signal, over.signal]) : over.signal;
      try {
        return pieces(await send(connection, call, signal), over);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

async function* pieces({ body }: Response, over: AbortController): AsyncGenerator<Buffer> {
  try {
    if (body) for await (const piece of body) yield Buffer.from(piece);
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
      // Otherwise a patch would be taken for a list of operations.
      ...(body && { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    ...(dispatcher && { dispatcher }),
  });
  if (response.ok) return response;
  throw await refusal(response);
}

async function refusal(response: Response): Promise<ApiError> {
  const text = await response.text();
  let said: z.infer<typeof statusSchema> = { reason: '', message: text.trim() };
  try {
    said = statusSchema.parse(JSON.parse(text));
  } catch {
    // A proxy in between answers with a page: its text has to do.
  }
  return new ApiError(response.status, said.reason, said.message || response.statusText);
}

import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Handler } from 'hono';
import { accepts } from 'hono/accepts';
import type { ApiEnv } from '../env.ts';

const zip = promisify(gzip);

interface Representation {
  body: Uint8Array<ArrayBuffer>;
  etag: string;
}

/**
 * Serves a text that never changes while the process runs: creates, compresses and hashes it at the first request. Each
 * encoding has its own ETag (RFC 9110, 8.8.3.3).
 */
export function serveOnce(contentType: string, make: () => string | Promise<string>): Handler<ApiEnv> {
  let made: Promise<Record<'identity' | 'gzip', Representation>> | undefined;
  const prepare = async () => {
    const body = Buffer.from(await make());
    const hash = createHash('sha256').update(body).digest('base64url').slice(0, 22);
    return {
      identity: { body: new Uint8Array(body), etag: `"${hash}"` },
      gzip: { body: new Uint8Array(await zip(body, { level: 9 })), etag: `"${hash}-gzip"` },
    };
  };
  return async (c) => {
    made ??= prepare();
    const encodings = await made;
    const supports = ['gzip', 'identity'];
    const encoding = accepts(c, { header: 'Accept-Encoding', supports, default: 'identity' }) as 'gzip' | 'identity';
    const { body, etag } = encodings[encoding];
    const headers = { ETag: etag, 'Cache-Control': 'no-cache', Vary: 'Accept-Encoding', 'Content-Type': contentType };
    return c.body(body, 200, encoding === 'gzip' ? { ...headers, 'Content-Encoding': 'gzip' } : headers);
  };
}

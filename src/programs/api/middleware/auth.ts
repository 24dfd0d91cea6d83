import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { Fault } from '../../../model/fault.ts';
import type { ApiEnv } from '../env.ts';
import { isLoopback } from '../loopback.ts';
import { notJson } from './on-error.ts';

/** Accepts a multipart form. */
const uploadPath = '/api/v1/plugins';

/** Requires the token. Without a token in the settings, allows programs on this machine, but not foreign web pages. */
export function authenticate(token: string | undefined): MiddlewareHandler<ApiEnv> {
  return token === undefined ? localOnly : bearer(token);
}

function bearer(token: string): MiddlewareHandler<ApiEnv> {
  const expected = sha256(token);
  return async (c, next) => {
    const given = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    // Digests have equal lengths, which makes the comparison constant-time.
    if (given === undefined || !timingSafeEqual(sha256(given), expected)) {
      throw new Fault('unauthenticated', given === undefined ? 'a token is required' : 'invalid token', {
        hint: 'send authorization: Bearer <BRIGHTBIRD_ADMIN_TOKEN of the server>',
      });
    }
    c.set('user', 'admin');
    await next();
  };
}

/**
 * Rejects requests of foreign web pages, which reach loopback by DNS rebinding, by forms or by simple cross-origin requests.
 * A loopback name, no foreign origin and a JSON content type exclude all three. For a multipart upload, browsers send Origin
 * and Sec-Fetch-Site.
 */
const localOnly: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const host = hostOf(`http://${c.req.header('host') ?? new URL(c.req.url).host}`);
  const origin = c.req.header('origin');
  const crossSite = c.req.header('sec-fetch-site') === 'cross-site';
  const isForeign = crossSite || (origin !== undefined && !isLoopback(hostOf(origin)));
  if (!isLoopback(host) || isForeign) {
    throw new Fault(
      'forbidden',
      `without a token the API only serves this machine, not ${origin ?? (crossSite ? 'another site' : host)}`,
      {
        hint: 'set BRIGHTBIRD_ADMIN_TOKEN, or use the host name localhost',
      },
    );
  }
  const type = c.req.header('content-type') ?? '';
  const isUpload = c.req.path === uploadPath;
  if (c.req.method === 'POST' && !isUpload && !/^application\/json\b/i.test(type)) throw notJson();
  c.set('user', 'local');
  await next();
};

function hostOf(url: string): string {
  return URL.parse(url)?.hostname ?? '';
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { Fault } from '../../../model/fault.ts';
import type { ApiEnv } from '../env.ts';
import { isLoopback } from '../loopback.ts';
import { notJson } from './on-error.ts';

/** Takes a multipart form. */
const uploadPath = '/api/v1/plugins';

/** Lets in who has the token; without a token in the settings, programs of this machine but no foreign web pages. */
export function authenticate(token: string | undefined): MiddlewareHandler<ApiEnv> {
  return token === undefined ? localOnly : bearer(token);
}

function bearer(token: string): MiddlewareHandler<ApiEnv> {
  const expected = sha256(token);
  return async (c, next) => {
    const given = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    // Digests are equally long, so that the comparison takes the same time whatever was given.
    if (given === undefined || !timingSafeEqual(sha256(given), expected)) {
      throw new Fault('unauthenticated', given === undefined ? 'a token is required' : 'the token is not valid', {
        hint: 'send authorization: Bearer <BRIGHTBIRD_ADMIN_TOKEN of the server>',
      });
    }
    c.set('user', 'admin');
    await next();
  };
}

/**
 * A page in a browser of this machine reaches loopback too: by DNS rebinding under its own name, by a form or a simple
 * request across origins. A loopback name, no foreign origin and a JSON content type shut all three out; for the multipart
 * form of an upload, browsers say by Origin and Sec-Fetch-Site where it comes from.
 */
const localOnly: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const host = hostOf(`http://${c.req.header('host') ?? new URL(c.req.url).host}`);
  const origin = c.req.header('origin');
  const crossSite = c.req.header('sec-fetch-site') === 'cross-site';
  const foreign = crossSite || (origin !== undefined && !isLoopback(hostOf(origin)));
  if (!isLoopback(host) || foreign) {
    throw new Fault(
      'forbidden',
      `without a token the API answers on this machine only, not to ${origin ?? (crossSite ? 'another site' : host)}`,
      {
        hint: 'set BRIGHTBIRD_ADMIN_TOKEN, or ask by the name localhost',
      },
    );
  }
  const type = c.req.header('content-type') ?? '';
  const upload = c.req.path === uploadPath;
  if (c.req.method === 'POST' && !upload && !/^application\/json\b/i.test(type)) throw notJson();
  c.set('user', 'local');
  await next();
};

function hostOf(url: string): string {
  return URL.parse(url)?.hostname ?? '';
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

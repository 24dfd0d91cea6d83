import { fetch } from 'undici';
import { z } from 'zod';
import type { FoundImage } from '../../model/build.ts';
import { Fault } from '../../model/fault.ts';
import type { RegistryAccount } from './push-image.ts';

/** Kinds of manifests that count as an image (OCI image-spec and Docker's schema 2). */
const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

const patience = 10_000;
const tokenSchema = z.union([z.object({ token: z.string() }), z.object({ access_token: z.string() })]);

/**
 * The image in its registry, if it is there, by its manifest (OCI distribution-spec, "Checking if content exists"). Throws
 * `registry_refused` when it cannot tell.
 */
export async function findInRegistry(
  image: string,
  account: RegistryAccount | undefined,
): Promise<FoundImage | undefined> {
  const { host, url } = manifestUrl(image);
  try {
    const basic = account && `Basic ${Buffer.from(`${account.username}:${account.password}`).toString('base64')}`;
    let status = await head(url, basic);
    if (status.code === 401 && status.challenge) status = await head(url, await bearer(status.challenge, basic));
    if (status.code === 200) return status.digest === null ? {} : { digest: status.digest };
    if (status.code === 404) return undefined;
    throw refused(host, `it answered ${status.code}`);
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw refused(host, String((error as Error).cause ?? error), error);
  }
}

/** Of `host/name:tag`; a registry on this machine speaks plain HTTP, as for the Docker engine. */
function manifestUrl(image: string): { host: string; url: string } {
  const [, host = '', name = '', tag = ''] = /^([^/]+)\/(.+):([^:/]+)$/.exec(image) ?? [];
  const isLocal = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(host);
  return { host, url: `${isLocal ? 'http' : 'https'}://${host}/v2/${name}/manifests/${tag}` };
}

async function head(url: string, authorization: string | undefined) {
  const response = await fetch(url, {
    method: 'HEAD',
    headers: { accept, ...(authorization && { authorization }) },
    signal: AbortSignal.timeout(patience),
  });
  const { headers } = response;
  return {
    code: response.status,
    challenge: headers.get('www-authenticate'),
    digest: headers.get('docker-content-digest'),
  };
}

/** A token for what a challenge asks for (distribution, "Token Authentication Specification"). */
async function bearer(challenge: string, basic: string | undefined): Promise<string | undefined> {
  const { realm, ...query } = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
  if (!realm || !/^bearer/i.test(challenge)) return basic;
  const url = new URL(realm);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const headers = { ...(basic && { authorization: basic }) };
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(patience) });
  const found = tokenSchema.parse(await response.json());
  return `Bearer ${'token' in found ? found.token : found.access_token}`;
}

function refused(host: string, why: string, cause?: unknown): Fault {
  return new Fault('registry_refused', `the registry ${host} does not tell whether it has an image: ${why}`, {
    hint: 'see that REGISTRY is right, and that REGISTRY_USERNAME and REGISTRY_PASSWORD may read there',
    cause,
  });
}

import type { FoundImage } from '../../model/build.ts';
import { Fault } from '../../model/fault.ts';
import { locateManifest } from './manifest-url.ts';
import type { RegistryAccount } from './push-image.ts';
import { reasonOf, sendRequest, UnexpectedResponseError } from './registry-request.ts';
import { answerChallenge } from './registry-token.ts';

/** Media types of manifests of an image (OCI image-spec and Docker's schema 2). */
const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/**
 * Finds an image in its registry by a HEAD of its manifest (OCI distribution-spec, "Checking if content exists"); returns
 * undefined without it. Throws `registry_denied` when the account may not read there, and `registry_refused` for other failures;
 * both name the registry. An abort throws the signal's reason.
 */
export async function findInRegistry(
  image: string,
  account: RegistryAccount | undefined,
  signal?: AbortSignal,
): Promise<FoundImage | undefined> {
  const { host, name, url } = locateManifest(image);
  const head = (authorization: string | undefined) =>
    sendRequest(url, { method: 'HEAD', headers: { accept, ...(authorization && { authorization }) } }, signal);
  try {
    const basic = account && `Basic ${Buffer.from(`${account.username}:${account.password}`).toString('base64')}`;
    let response = await head(basic);
    const challenge = response.headers.get('www-authenticate');
    if (response.status === 401 && challenge !== null) {
      const authorization = await answerChallenge(challenge, name, basic, signal);
      if (authorization !== undefined && authorization !== basic) response = await head(authorization);
    }
    const digest = response.headers.get('docker-content-digest');
    if (response.status === 200) return digest === null ? {} : { digest };
    if (response.status === 404) return undefined;
    throw new UnexpectedResponseError(`it answered ${response.status}`, response.status);
  } catch (error) {
    signal?.throwIfAborted();
    throw refused(host, error, account);
  }
}

function refused(host: string, error: unknown, account: RegistryAccount | undefined): Fault {
  const as = account === undefined ? 'without an account' : `as ${account.username}`;
  // Another account or permission is needed (RFC 9110, 401 and 403): a retry does not help.
  const isDenied = error instanceof UnexpectedResponseError && [401, 403].includes(error.status);
  return new Fault(
    isDenied ? 'registry_denied' : 'registry_refused',
    `cannot look up an image in the registry ${host} ${as}: ${reasonOf(error)}`,
    {
      hint: 'check REGISTRY, and that the account of REGISTRY_USERNAME or REGISTRY_AUTH_FILE may read there',
      cause: error,
    },
  );
}

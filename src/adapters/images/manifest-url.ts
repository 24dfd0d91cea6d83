/** Where the manifest of an image is, by the OCI distribution-spec. */
export interface ManifestPlace {
  /** As the image's name has it. */
  host: string;
  /** Name of the repository in the registry. */
  name: string;
  url: string;
}

const local = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

/** True of a host on this machine, which is spoken to over plain HTTP, as the Docker engine does it. */
export function isLocal(host: string): boolean {
  return local.test(host);
}

/** Of `host/name:tag`; Docker Hub has its API elsewhere, and its own images in `library`. */
export function manifestPlace(image: string): ManifestPlace {
  const [, host = '', path = '', tag = ''] = /^([^/]+)\/(.+):([^:/]+)$/.exec(image) ?? [];
  const isHub = host === 'docker.io';
  const name = isHub && !path.includes('/') ? `library/${path}` : path;
  const server = isHub ? 'registry-1.docker.io' : host;
  return { host, name, url: `${isLocal(server) ? 'http' : 'https'}://${server}/v2/${name}/manifests/${tag}` };
}

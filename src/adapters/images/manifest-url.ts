/** Location of an image's manifest (OCI distribution-spec). */
export interface ManifestLocation {
  /** Host in the image's name. */
  host: string;
  /** Name of the repository in the registry. */
  name: string;
  url: string;
}

const local = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

/** Tells whether a host is on this machine: it is called over plain HTTP, as by the Docker engine. */
export function isLoopback(host: string): boolean {
  return local.test(host);
}

/** Locates the manifest of `host/name:tag`; Docker Hub has another API host, and its own images in `library`. */
export function locateManifest(image: string): ManifestLocation {
  const [, host = '', path = '', tag = ''] = /^([^/]+)\/(.+):([^:/]+)$/.exec(image) ?? [];
  const isHub = host === 'docker.io';
  const name = isHub && !path.includes('/') ? `library/${path}` : path;
  const server = isHub ? 'registry-1.docker.io' : host;
  return { host, name, url: `${isLoopback(server) ? 'http' : 'https'}://${server}/v2/${name}/manifests/${tag}` };
}

/** Build argument BASE_IMAGE of Dockerfiles, unless the site sets another image or its machine cannot pull this one. */
export const defaultBaseImage = 'node:24-slim';

/** Returns true when the Dockerfile takes the name of its base image as a build argument. */
export function takesBaseImage(dockerfile: string): boolean {
  return /^[ \t]*ARG[ \t]+(.*[ \t])?BASE_IMAGE([ \t=]|$)/im.test(dockerfile.replaceAll('\r', ''));
}

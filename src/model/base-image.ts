/** What Dockerfiles are given as BASE_IMAGE unless a site sets another one, or its machine cannot pull it. */
export const usualBaseImage = 'node:24-slim';

/** True when the Dockerfile takes the name of its base image as a build argument. */
export function takesBaseImage(dockerfile: string): boolean {
  return /^[ \t]*ARG[ \t]+(.*[ \t])?BASE_IMAGE([ \t=]|$)/im.test(dockerfile.replaceAll('\r', ''));
}

import type Docker from 'dockerode';

/**
 * Returns the reason that a push, a pull or a build failed; undefined on success. The engine answers 200 before it begins: the
 * failure is in its output, which followProgress treats as a success.
 */
export function progressFailure(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  onLine: (line: { stream?: string }) => void = () => undefined,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    docker.modem.followProgress(
      stream,
      (error: Error | null, output: { error?: string }[]) =>
        resolve(error?.message ?? output?.find((line) => line.error)?.error),
      onLine,
    );
  });
}

import { ensureRunnerImage, hasRunnerImage, type RunnerImageRequest } from './ensure-runner-image.ts';

/**
 * Returns a function that returns the name of the test runner's image and builds it on the first call, or when it was removed
 * from the engine or the registry. Concurrent calls share the work. Throws like ensureRunnerImage.
 */
export function createRunnerImage(request: RunnerImageRequest): () => Promise<string> {
  let pending: Promise<string> | undefined;
  const build = (): Promise<string> => {
    const image = ensureRunnerImage(request);
    pending = image;
    // A failure rejects this call; the next call tries again.
    image.catch(() => {
      if (pending === image) pending = undefined;
    });
    return image;
  };
  return async () => {
    if (!pending) return build();
    const image = await pending;
    return (await hasRunnerImage(request, image)) ? image : build();
  };
}

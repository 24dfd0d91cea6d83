import { ensureRunnerImage, hasRunnerImage, type RunnerImageRequest } from './ensure-runner-image.ts';

/**
 * Gives the name of the test runner's image, which exists then: made at the first call, and again only when somebody has
 * removed it from the engine or the registry. Calls at the same moment share the work. Throws like ensureRunnerImage.
 */
export function createRunnerImage(request: RunnerImageRequest): () => Promise<string> {
  let making: Promise<string> | undefined;
  const make = (): Promise<string> => {
    const image = ensureRunnerImage(request);
    making = image;
    // A failure is told to who asked; the next one tries again.
    image.catch(() => {
      if (making === image) making = undefined;
    });
    return image;
  };
  return async () => {
    if (!making) return make();
    const image = await making;
    return (await hasRunnerImage(request, image)) ? image : make();
  };
}

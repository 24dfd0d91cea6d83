import type Docker from 'dockerode';
import { findImage } from '../../adapters/images/find-image.ts';
import { defaultBaseImage } from '../../model/base-image.ts';
import { Fault } from '../../model/fault.ts';
import type { Config } from '../config.ts';
import { collectBaseFiles } from './base-image-files.ts';
import { importBaseImage } from './import-base-image.ts';
import { pullImage } from './pull-image.ts';
import { type Report, Stage } from './stage.ts';

/**
 * Returns the base image of the runner and the example services. Tries in this order: BASE_IMAGE; node:24-slim in the
 * engine; an earlier import; a pull; an import of this machine's Node and busybox. Throws `image_missing`.
 */
export async function ensureBaseImage(
  config: Pick<Config, 'BASE_IMAGE'>,
  docker: Docker,
  report: Report,
): Promise<string> {
  const stage = new Stage('base image', report);
  if (config.BASE_IMAGE) {
    stage.done(`BASE_IMAGE: ${config.BASE_IMAGE}`);
    return config.BASE_IMAGE;
  }
  if (await findImage(docker, defaultBaseImage)) {
    stage.done(`${defaultBaseImage} is in the engine`);
    return defaultBaseImage;
  }
  const files = await collectBaseFiles();
  const own = typeof files === 'string' ? undefined : { files, tag: `brightbird/base:${files.hash}` };
  if (own && (await findImage(docker, own.tag))) {
    stage.done(`${own.tag} is in the engine`);
    return own.tag;
  }
  const pullError = await pullImage(docker, defaultBaseImage);
  if (!pullError) {
    stage.done(`${defaultBaseImage} pulled`);
    return defaultBaseImage;
  }
  stage.addAttempt(`${defaultBaseImage} not pulled: ${pullError}`);
  if (!own) {
    throw new Fault('image_missing', `no base image: ${stage.attempts}; ${files}`, {
      hint: `have the engine pull ${defaultBaseImage}, set BASE_IMAGE to an image with Node 24 and a shell, or install busybox-static`,
    });
  }
  await importBaseImage(docker, own.tag, own.files.files);
  stage.done(`${own.tag} imported from node, busybox and wget of this machine`);
  return own.tag;
}

import type Docker from 'dockerode';
import { findImage } from '../../adapters/images/find-image.ts';
import { usualBaseImage } from '../../model/base-image.ts';
import { Fault } from '../../model/fault.ts';
import type { Config } from '../config.ts';
import { collectBaseFiles } from './base-image-files.ts';
import { importBaseImage } from './import-base-image.ts';
import { pullImage } from './pull-image.ts';
import { type Report, Stage } from './stage.ts';

/**
 * The image that the runner and the example services are built from, as DESIGN.md orders it: BASE_IMAGE; node:24-slim in
 * the engine; one imported earlier; a pull; an import of this machine's own Node and busybox.
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
  if (await findImage(docker, usualBaseImage)) {
    stage.done(`${usualBaseImage} is in the engine`);
    return usualBaseImage;
  }
  const files = await collectBaseFiles();
  const own = typeof files === 'string' ? undefined : { files, tag: `brightbird/base:${files.hash}` };
  if (own && (await findImage(docker, own.tag))) {
    stage.done(`${own.tag} is in the engine`);
    return own.tag;
  }
  const refused = await pullImage(docker, usualBaseImage);
  if (!refused) {
    stage.done(`${usualBaseImage} pulled`);
    return usualBaseImage;
  }
  stage.tried(`${usualBaseImage} not pulled: ${refused}`);
  if (!own) {
    throw new Fault('image_missing', `no base image: ${stage.attempts}; ${files}`, {
      hint: `have the engine pull ${usualBaseImage}, set BASE_IMAGE to an image with Node 24 and a shell, or install busybox-static`,
    });
  }
  await importBaseImage(docker, own.tag, own.files.files);
  stage.done(`${own.tag} imported from this machine's node, busybox and wget`);
  return own.tag;
}

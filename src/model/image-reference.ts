import { z } from 'zod';

const label = '[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*';
const port = ':[0-9]{1,5}';
/** As the engine takes it: one without a dot, a port or `localhost` is a part of the name. */
const domain = `(?:(?:localhost|${label}(?:\\.${label})+|\\[[0-9a-fA-F:]+\\])(?:${port})?|${label}${port})`;
const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const tag = ':[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
const digest = '@[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,128}';

/** `[host[:port]/]name[:tag][@digest]` by the grammar of distribution/reference; matched in linear time. */
const imageReference = new RegExp(`^(?:${domain}/)?${part}(?:/${part})*(?:${tag})?(?:${digest})?$`);
const maxLength = 512;
const form = 'the name of an image: [host[:port]/]name[:tag], lower case but for the tag, without http://';

/** True of a name that can be a part of a path of the engine's API, and that an engine may have an image of. */
export function isImageReference(text: string): boolean {
  return text.length <= maxLength && imageReference.test(text);
}

/** The name of an image. */
export const imageReferenceSchema = z.string().max(maxLength).regex(imageReference, form).describe(form);

/** As it is written in a plugin: with a `{{reference}}` in it, it is known only at a run. */
export const writtenImageSchema = z.string().refine((text) => text.includes('{{') || isImageReference(text), form);

const volumeBody = '[a-zA-Z0-9][a-zA-Z0-9_.-]{0,252}';
const volumeForm = 'the name of a volume: letters, digits and _ . - after the first one';

const volumeName = new RegExp(`^(?:${volumeBody})?$`);

/** The name of a volume (Docker Engine API, POST /volumes/create), or '' for none. */
export const volumeNameSchema = z.string().regex(volumeName, volumeForm).describe(volumeForm);

/** As writtenImageSchema, of a volume. */
export const writtenVolumeSchema = z
  .string()
  .refine((text) => text.includes('{{') || volumeNameSchema.safeParse(text).success, volumeForm);

const forms = new Map([
  [imageReference.source, form],
  [volumeName.source, volumeForm],
]);

/** What the `pattern` of a JSON Schema made of these stands for, in words; undefined of any other. */
export function formOf(pattern: unknown): string | undefined {
  return forms.get(String(pattern));
}

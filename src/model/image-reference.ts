import { z } from 'zod';

const label = '[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*';
const port = ':[0-9]{1,5}';
/** Domain by the engine's rules: without a dot, a port or `localhost` it is a path component of the name. */
const domain = `(?:(?:localhost|${label}(?:\\.${label})+|\\[[0-9a-fA-F:]+\\])(?:${port})?|${label}${port})`;
const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const tag = ':[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
const digest = '@[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,128}';

/** `[host[:port]/]name[:tag][@digest]` by the grammar of distribution/reference; matches in linear time. */
const imageReference = new RegExp(`^(?:${domain}/)?${part}(?:/${part})*(?:${tag})?(?:${digest})?$`);
const maxLength = 512;
const form = 'the name of an image: [host[:port]/]name[:tag], lower case except for the tag, without http://';

/** Returns true for a valid image name, safe in a path of the engine's API. */
export function isImageReference(text: string): boolean {
  return text.length <= maxLength && imageReference.test(text);
}

/** The name of an image. */
export const imageReferenceSchema = z.string().max(maxLength).regex(imageReference, form).describe(form);

/** The name of an image in a plugin, or a text with a `{{reference}}`, which is checked during the run. */
export const imageOrReferenceSchema = z.string().refine((text) => text.includes('{{') || isImageReference(text), form);

const volumeBody = '[a-zA-Z0-9][a-zA-Z0-9_.-]{0,252}';
const volumeForm = 'the name of a volume: a letter or digit, then letters, digits and _ . -';

const volumeName = new RegExp(`^(?:${volumeBody})?$`);

/** The name of a volume (Docker Engine API, POST /volumes/create), or '' for none. */
export const volumeNameSchema = z.string().regex(volumeName, volumeForm).describe(volumeForm);

/** The name of a volume in a plugin, or a text with a `{{reference}}`. */
export const volumeOrReferenceSchema = z
  .string()
  .refine((text) => text.includes('{{') || volumeNameSchema.safeParse(text).success, volumeForm);

const forms = new Map([
  [imageReference.source, form],
  [volumeName.source, volumeForm],
]);

/** Returns a description of the `pattern` of a JSON Schema made from these schemas; undefined for other patterns. */
export function describePattern(pattern: unknown): string | undefined {
  return forms.get(String(pattern));
}

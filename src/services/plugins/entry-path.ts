import { Fault } from '../../model/fault.ts';

const longest = 255;

/**
 * Path of an archive's entry below the folder that it is unpacked into; undefined for the folder itself and for hidden
 * files, which file managers add. Throws `plugin_invalid` for a name that leads elsewhere.
 */
export function entryPath(name: string): string | undefined {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  const refused =
    (name.startsWith('/') && 'is absolute') ||
    (parts.includes('..') && 'leads out of its folder') ||
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    (/[\\\x00-\x1f\x7f]/.test(name) && 'has characters that file names of plugins do not have') ||
    (Buffer.byteLength(name) > longest && `is longer than ${longest} bytes`);
  if (refused) {
    throw new Fault('plugin_invalid', `the archive's entry ${JSON.stringify(name.slice(0, 300))} ${refused}`, {
      hint: 'pack the folder of plugin.yaml: tar -czf plugin.tar.gz -C <folder> .',
    });
  }
  return parts.length === 0 || parts.some((part) => part.startsWith('.')) ? undefined : parts.join('/');
}

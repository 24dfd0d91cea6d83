import { Fault } from '../../model/fault.ts';

const maxNameBytes = 255;

/**
 * Returns the path of an archive entry relative to the target folder; undefined for the folder itself and for hidden
 * files, which file managers add. Throws `plugin_invalid` for a path outside of the folder.
 */
export function entryPath(name: string): string | undefined {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  const refused =
    (name.startsWith('/') && 'is absolute') ||
    (parts.includes('..') && 'leads out of its folder') ||
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the check is for control characters
    (/[\\\x00-\x1f\x7f]/.test(name) && 'has characters that are not allowed in file names of plugins') ||
    (Buffer.byteLength(name) > maxNameBytes && `is longer than ${maxNameBytes} bytes`);
  if (refused) {
    throw new Fault('plugin_invalid', `the archive's entry ${JSON.stringify(name.slice(0, 300))} ${refused}`, {
      hint: 'pack the folder of plugin.yaml: tar -czf plugin.tar.gz -C <folder> .',
    });
  }
  return parts.length === 0 || parts.some((part) => part.startsWith('.')) ? undefined : parts.join('/');
}

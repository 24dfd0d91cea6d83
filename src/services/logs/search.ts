import type { LogItem } from './stream-reader.ts';

/** Literal text that lines must contain. */
export interface TextSearch {
  text: string;
  ignoreCase?: boolean;
}

/** Maximum number of chunks (about 64 KB) searched for one page, so that a rare text takes limited memory and time. */
export const maxSearchChunks = 256;

/** Returns a predicate for the items that contain the text; a gap has no text. */
export function createMatcher({ text, ignoreCase = false }: TextSearch): (item: LogItem) => boolean {
  const fold = (line: string): string => (ignoreCase ? line.toLowerCase() : line);
  const wanted = fold(text);
  return (item) => 'text' in item && fold(item.text).includes(wanted);
}

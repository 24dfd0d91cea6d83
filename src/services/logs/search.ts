import type { LogItem } from './stream-reader.ts';

/** A text that lines have to have, as it is. */
export interface TextSearch {
  text: string;
  ignoreCase?: boolean;
}

/** Chunks of about 64 KB that one page looks through at most, so that a rare text neither fills memory nor time. */
export const chunksOfSearch = 256;

/** Whether an item is shown; a gap has no text. */
export function matcher({ text, ignoreCase = false }: TextSearch): (item: LogItem) => boolean {
  const fold = (line: string): string => (ignoreCase ? line.toLowerCase() : line);
  const wanted = fold(text);
  return (item) => 'text' in item && fold(item.text).includes(wanted);
}

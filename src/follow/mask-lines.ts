import { parseMarker } from '../model/marker.ts';
import type { Mask } from '../model/mask.ts';
import { maskMarker } from '../model/mask-marker.ts';

/** Masks the lines of an attempt's log. A marker stays one, even where a secret is also a word or a number of its own. */
export function maskLines(mask: Mask, mark: string): Mask {
  return (line) => {
    const marker = parseMarker(line, mark);
    return marker ? JSON.stringify(maskMarker(marker, mask)) : mask(line);
  };
}

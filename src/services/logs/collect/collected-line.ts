import type { RawLine } from '../../../model/engine/runtime.ts';

/** A line as its readers get it: masked, with the text that was printed where that looks like a marker. */
export interface ReadLine extends RawLine {
  marker?: string;
}

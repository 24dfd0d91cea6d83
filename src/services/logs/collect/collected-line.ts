import type { RawLine } from '../../../model/engine/runtime.ts';

/** A masked line, with its original text if that looks like a marker. */
export interface CollectedLine extends RawLine {
  marker?: string;
}

import type { LogPosition } from '../../model/log.ts';
import { type Marker, parseMarker } from '../../model/marker.ts';
import { createVerifier } from '../../model/marker-signature.ts';

/**
 * Distinguishes the markers of a runner from lines that only look like them. The first marker precedes all steps and has the
 * key for the signatures of the following ones, whose numbers only increase. A repeated marker, or one printed by a step, is
 * an ordinary line.
 */
export class MarkerReader {
  readonly #mark: string;
  #signer: LogPosition['signer'];
  #isSigned: ((line: string) => boolean) | undefined;
  /** True for a runner of a release that did not sign its markers. */
  #isUnsigned: boolean;

  constructor(mark: string, { signer, steps }: LogPosition) {
    this.#mark = mark;
    this.#signer = signer;
    this.#isUnsigned = signer === undefined && steps !== undefined;
  }

  /** Signer that is trusted from now on, for the log's position. */
  get signer(): LogPosition['signer'] {
    return this.#signer;
  }

  /** Returns the marker that a line is, or undefined for any other line. */
  read(line: string): Marker | undefined {
    const marker = parseMarker(line, this.#mark);
    if (!marker || this.#isUnsigned) return marker;
    const { key, seq } = marker;
    const before = this.#signer;
    const isFirst = before === undefined || before.key === undefined;
    if (key === undefined || seq === undefined) {
      if (isFirst) [this.#signer, this.#isUnsigned] = [undefined, true];
      return isFirst ? marker : undefined;
    }
    if (!isFirst && (key !== before.key || seq <= before.seq)) return undefined;
    const isSigned = (!isFirst && this.#isSigned) || createVerifier(key);
    if (!isSigned(line)) return undefined;
    this.#isSigned = isSigned;
    const hasMissed = before?.missed === true || seq > (isFirst ? 0 : before.seq + 1);
    this.#signer = { key, seq, ...(hasMissed && { missed: true as const }) };
    return marker;
  }
}

/** Removes the key from a position, as a restarted runner has a new one. */
export function forgetKey({ signer, ...position }: LogPosition): LogPosition {
  return { ...position, ...(signer && { signer: { seq: -1, ...(signer.missed && { missed: true as const }) } }) };
}

import type { LogPosition } from '../../model/log.ts';
import { type Marker, parseMarker } from '../../model/marker.ts';
import { createVerifier } from '../../model/marker-signature.ts';

/**
 * Tells the markers of a runner from lines that only look like them. The first marker of a runner comes before any of its steps, and
 * brings the key that the following ones are signed with; their numbers only grow. A marker that is printed again, or
 * by a step, is an ordinary line.
 */
export class MarkerReader {
  readonly #mark: string;
  #signer: LogPosition['signer'];
  #isSigned: ((line: string) => boolean) | undefined;
  /** A runner of a release that did not sign its markers. */
  #isUnsigned: boolean;

  constructor(mark: string, { signer, steps }: LogPosition) {
    this.#mark = mark;
    this.#signer = signer;
    this.#isUnsigned = signer === undefined && steps !== undefined;
  }

  /** Whose markers are believed from now on, for the log's position. */
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
    const isMissed = before?.missed === true || seq > (isFirst ? 0 : before.seq + 1);
    this.#signer = { key, seq, ...(isMissed && { missed: true as const }) };
    return marker;
  }
}

/** A runner that is started again has a key of its own. */
export function forgetKey({ signer, ...position }: LogPosition): LogPosition {
  return { ...position, ...(signer && { signer: { seq: -1, ...(signer.missed && { missed: true as const }) } }) };
}

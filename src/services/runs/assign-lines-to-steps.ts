import type { RawLine } from '../../model/engine/runtime.ts';
import { looksLikeMarker, type Marker } from '../../model/marker.ts';
import { findMarkerStart } from '../../model/marker-signature.ts';
import type { Mask } from '../../model/mask.ts';
import { maskMarker } from '../../model/mask-marker.ts';
import type { ArtifactStore } from '../../model/ports/artifacts.ts';
import type { OutputStore } from '../../model/ports/outputs.ts';
import type { RunIdentity } from '../../model/run.ts';
import type { CollectedLine } from '../logs/collect/collected-line.ts';
import type { CopyLogOptions } from '../logs/collect/copy-log.ts';
import { MarkerReader } from './marker-reader.ts';
import type { StepLedger } from './step-ledger.ts';

export interface StepSplitterOptions {
  outputs: OutputStore;
  artifacts: ArtifactStore;
  run: RunIdentity;
  /** Token of the attempt in its markers. */
  mark: string;
  mask: Mask;
  ledger: StepLedger;
}

/**
 * Creates a handler for the lines of a runner's log, which splits the log into steps by its markers. A marker is stored as an
 * empty line. A step's outputs and files are stored before it, so that a crash in between repeats them.
 */
export function createStepSplitter({
  outputs,
  artifacts,
  run,
  mark,
  mask,
  ledger,
}: StepSplitterOptions): CopyLogOptions['begin'] {
  return async (position) => {
    await ledger.resume(position);
    const markers = new MarkerReader(mark, position);
    return (line, writer) => {
      const read = line.marker === undefined ? undefined : markers.read(line.marker);
      if (!read) return writer.add(withoutMarker(line), { step: ledger.step });
      const { signer } = markers;
      // Masked after parsing, as a secret may equal a word or a number of the marker itself.
      const marker = maskMarker(read, mask);
      return (async () => {
        if (marker.brightbird === 'step.end' && marker.outputs) {
          await outputs.put(run.taskId, run.attempt, marker.instance, marker.outputs, marker.masked);
        }
        if (marker.brightbird === 'step.file') {
          const { instance: step, path, size, part, data } = marker;
          await artifacts.put(run.taskId, run.attempt, { step, path, size }, part, Buffer.from(data, 'base64'));
        }
        const progress = await ledger.take(marker);
        writer.add(
          { at: line.at, kind: 'mark', text: '' },
          { step: stepOf(marker), progress: { ...progress, ...(signer && { signer }) } },
        );
      })();
    };
  };
}

/** Detects lines that look like markers, and splits off the text that a step has printed before a marker on its line. */
export function splitMarkers(line: RawLine): CollectedLine[] {
  if (line.kind !== 'out') return [line];
  const start = findMarkerStart(line.text) ?? 0;
  const marker = line.text.slice(start);
  if (!looksLikeMarker(marker)) return [line];
  const before = start > 0 ? [{ ...line, text: line.text.slice(0, start) }] : [];
  return [...before, { ...line, text: marker, marker }];
}

/** Removes the marker text of a line. Returns nearly every line itself, not a copy. */
function withoutMarker(line: CollectedLine): RawLine {
  if (line.marker === undefined) return line;
  const { marker: _marker, ...rest } = line;
  return rest;
}

/** Returns the step whose chunks contain the marker. */
function stepOf(marker: Marker): string | undefined {
  return 'instance' in marker ? marker.instance : undefined;
}

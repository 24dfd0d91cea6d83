import type { RawLine } from '../../model/engine/runtime.ts';
import { looksLikeMarker, type Marker } from '../../model/marker.ts';
import { startOfMarker } from '../../model/marker-signature.ts';
import type { Mask } from '../../model/mask.ts';
import { maskMarker } from '../../model/mask-marker.ts';
import type { ArtifactStore } from '../../model/ports/artifacts.ts';
import type { OutputStore } from '../../model/ports/outputs.ts';
import type { RunIdentity } from '../../model/run.ts';
import type { ReadLine } from '../logs/collect/collected-line.ts';
import type { Copy } from '../logs/collect/copy-log.ts';
import { MarkerReader } from './marker-reader.ts';
import type { StepLedger } from './step-ledger.ts';

export interface StepReading {
  outputs: OutputStore;
  artifacts: ArtifactStore;
  run: RunIdentity;
  /** The attempt's own text, which its markers carry. */
  mark: string;
  mask: Mask;
  ledger: StepLedger;
}

/**
 * Reads a runner's log: its markers split it into steps. Of a marker only its place is kept in the log; a step's outputs
 * and files are stored before it, so that a crash in between repeats them.
 */
export function readSteps({ outputs, artifacts, run, mark, mask, ledger }: StepReading): Copy['begin'] {
  return async (position) => {
    await ledger.resume(position);
    const markers = new MarkerReader(mark, position);
    return (line, writer) => {
      const read = line.marker === undefined ? undefined : markers.read(line.marker);
      if (!read) return writer.add(withoutMarker(line), { step: ledger.step });
      const { signer } = markers;
      // Whole, as a secret may also be a word or a number of the marker's own.
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

/** Tells lines that look like markers apart, and parts what a step has written past the runner from the marker behind it. */
export function splitMarkers(line: RawLine): ReadLine[] {
  if (line.kind !== 'out') return [line];
  const start = startOfMarker(line.text) ?? 0;
  const marker = line.text.slice(start);
  if (!looksLikeMarker(marker)) return [line];
  const before = start > 0 ? [{ ...line, text: line.text.slice(0, start) }] : [];
  return [...before, { ...line, text: marker, marker }];
}

/** The line itself, not a copy, of nearly every one. */
function withoutMarker(line: ReadLine): RawLine {
  if (line.marker === undefined) return line;
  const { marker: _marker, ...rest } = line;
  return rest;
}

/** The step whose chunks a marker is part of. */
function stepOf(marker: Marker): string | undefined {
  return 'instance' in marker ? marker.instance : undefined;
}

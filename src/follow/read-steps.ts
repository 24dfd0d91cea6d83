import { type Marker, parseMarker, textBeforeMarker } from '../model/marker.ts';
import type { ArtifactStore, OutputStore } from '../model/ports.ts';
import type { RunIdentity } from '../model/run.ts';
import type { Copy } from './copy-log.ts';
import type { StepLedger } from './step-ledger.ts';

export interface StepReading {
  outputs: OutputStore;
  artifacts: ArtifactStore;
  run: RunIdentity;
  /** The attempt's own random text, which its markers carry. */
  mark: string;
  ledger: StepLedger;
}

/**
 * Reads a runner's log: its markers split it into steps. Of a marker only its place is kept in the log; a step's outputs
 * and files are stored before it, so that a crash in between repeats them.
 */
export function readSteps({ outputs, artifacts, run, mark, ledger }: StepReading): Copy['begin'] {
  return async (position) => {
    await ledger.resume(position);
    return (line, writer) => {
      const marker = line.kind === 'out' ? parseMarker(line.text, mark) : undefined;
      if (!marker) return writer.add(line, { step: ledger.step });
      return (async () => {
        if (marker.brightbird === 'step.end' && marker.outputs) {
          await outputs.put(run.taskId, run.attempt, marker.instance, marker.outputs, marker.masked);
        }
        if (marker.brightbird === 'step.file') {
          const { instance: step, path, size, part, data } = marker;
          await artifacts.put(run.taskId, run.attempt, { step, path, size }, part, Buffer.from(data, 'base64'));
        }
        const progress = await ledger.take(marker);
        writer.add({ at: line.at, kind: 'mark', text: '' }, { step: stepOf(marker), progress });
      })();
    };
  };
}

/** Parts what a step has written past the runner from the marker behind it. */
export function splitMarkers(mark: string): NonNullable<Copy['split']> {
  return (line) => {
    const before = line.kind === 'out' ? textBeforeMarker(line.text, mark) : undefined;
    if (before === undefined) return [line];
    return [
      { ...line, text: before },
      { ...line, text: line.text.slice(before.length) },
    ];
  };
}

/** The step whose chunks a marker is part of. */
function stepOf(marker: Marker): string | undefined {
  return 'instance' in marker ? marker.instance : undefined;
}

import { type Marker, parseMarker } from '../model/marker.ts';
import type { ArtifactStore, OutputStore } from '../model/ports.ts';
import type { RunIdentity } from '../model/run.ts';
import type { Copy } from './copy-log.ts';
import { advance, type Progress, progressOf } from './progress.ts';

export interface StepReading {
  outputs: OutputStore;
  artifacts: ArtifactStore;
  run: RunIdentity;
  /** The attempt's own random text, which its markers carry. */
  mark: string;
  /** Called when copying begins and after every marker. */
  onProgress(progress: Progress): void;
}

/**
 * Reads a runner's log: its markers split it into steps. Of a marker only its place is kept in the log; a step's outputs
 * and files are stored before it, so that a crash in between repeats them.
 */
export function readSteps({ outputs, artifacts, run, mark, onProgress }: StepReading): Copy['begin'] {
  return (position) => {
    let progress = progressOf(position);
    onProgress(progress);
    return (line, writer) => {
      const marker = line.kind === 'out' ? parseMarker(line.text, mark) : undefined;
      if (!marker) return writer.add(line, { step: progress.step });
      return (async () => {
        if (marker.brightbird === 'step.end' && marker.outputs) {
          await outputs.put(run.taskId, run.attempt, marker.instance, marker.outputs, marker.masked);
        }
        if (marker.brightbird === 'step.file') {
          const { instance: step, path, size, part, data } = marker;
          await artifacts.put(run.taskId, run.attempt, { step, path, size }, part, Buffer.from(data, 'base64'));
        }
        const before = progress;
        progress = advance(progress, marker);
        writer.add({ at: line.at, kind: 'mark', text: '' }, { step: stepOf(marker), progress });
        if (progress !== before) onProgress(progress);
      })();
    };
  };
}

/** The step whose chunks a marker is part of. */
function stepOf(marker: Marker): string | undefined {
  return 'instance' in marker ? marker.instance : undefined;
}

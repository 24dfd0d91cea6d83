import type { LogPosition } from '../../model/log.ts';
import type { Marker } from '../../model/marker.ts';
import type { StepProgress } from '../../model/step.ts';

/**
 * What the markers so far say: the step whose lines come next, all that have begun, in their order, then those that were skipped,
 * the verdict, and what steps wait for. Never changed.
 */
export interface Progress extends Pick<LogPosition, 'verdict' | 'step' | 'waits'> {
  steps: StepProgress[];
}

/** The progress after one more marker. A runner that was started again says what it does again; that replaces what was. */
export function advance(progress: Progress, marker: Marker): Progress {
  if (marker.brightbird === 'step.file') return progress;
  const { step: current, steps, waits: waiting = [], ...rest } = progress;
  const waits = 'instance' in marker ? waiting.filter(({ instance }) => instance !== marker.instance) : [];
  const withWaits = waits.length > 0 && { waits };
  switch (marker.brightbird) {
    case 'step.lines':
      return { ...progress, step: marker.instance };
    case 'step.waiting': {
      const { instance, at, wait } = marker;
      const all = wait ? [...waits, { instance, ...wait, since: at }] : waits;
      const { waits: _before, ...others } = progress;
      return { ...others, ...(all.length > 0 && { waits: all }) };
    }
    case 'runner.start':
      // What ran at the crash will be run again, or its end was saved and will be said again.
      return { ...rest, steps: steps.map((step) => (step.state === 'running' ? { ...step, state: 'pending' } : step)) };
    case 'step.start': {
      const { instance, at, tries } = marker;
      // A step that is tried again goes on: it began with its first try.
      const startedAt = (tries !== undefined && tries > 1 && startOf(steps, instance)) || at;
      const step = { instance, state: 'running' as const, ...(tries && { tries }), startedAt };
      return { ...rest, ...withWaits, step: instance, steps: replaced(steps, step) };
    }
    case 'step.end': {
      const { instance, at, state, tries, error } = marker;
      const startedAt = startOf(steps, instance) ?? at;
      const step = { instance, state, ...(tries && { tries }), startedAt, finishedAt: at, ...(error && { error }) };
      const goesOn = current !== undefined && current !== instance && { step: current };
      return { ...rest, ...withWaits, ...goesOn, steps: replaced(steps, step) };
    }
    case 'runner.end': {
      const { state, failedStep, skipped = [] } = marker;
      const all = skipped.reduce((known, instance) => replaced(known, { instance, state: 'skipped' }), steps);
      return { steps: all, verdict: { state, ...(failedStep !== undefined && { failedStep }) } };
    }
  }
}

function startOf(steps: readonly StepProgress[], instance: string): string | undefined {
  return steps.find((step) => step.instance === instance)?.startedAt;
}

function replaced(steps: readonly StepProgress[], step: StepProgress): StepProgress[] {
  const index = steps.findIndex(({ instance }) => instance === step.instance);
  return index < 0 ? [...steps, step] : steps.with(index, step);
}

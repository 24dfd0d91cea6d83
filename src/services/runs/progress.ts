import type { LogPosition } from '../../model/log.ts';
import type { Marker } from '../../model/marker.ts';
import type { StepProgress } from '../../model/step.ts';

/**
 * State of a run by its markers so far: the step of the next lines, the steps in the order of their begin, then the skipped
 * ones, the verdict, and the waits of steps. Immutable.
 */
export interface Progress extends Pick<LogPosition, 'verdict' | 'step' | 'waits'> {
  steps: StepProgress[];
}

/** Returns the progress after one more marker. A restarted runner reports its steps again, which replaces the earlier state. */
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
      // A step that ran at the crash runs again, or its saved end is reported again.
      return { ...rest, steps: steps.map((step) => (step.state === 'running' ? { ...step, state: 'pending' } : step)) };
    case 'step.start': {
      const { instance, at, tries } = marker;
      // A retried step began with its first try.
      const startedAt = (tries !== undefined && tries > 1 && startOf(steps, instance)) || at;
      const step = { instance, state: 'running' as const, ...(tries && { tries }), startedAt };
      return { ...rest, ...withWaits, step: instance, steps: replaced(steps, step) };
    }
    case 'step.end': {
      const { instance, at, state, tries, error } = marker;
      const startedAt = startOf(steps, instance) ?? at;
      const step = { instance, state, ...(tries && { tries }), startedAt, finishedAt: at, ...(error && { error }) };
      const continued = current !== undefined && current !== instance && { step: current };
      return { ...rest, ...withWaits, ...continued, steps: replaced(steps, step) };
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

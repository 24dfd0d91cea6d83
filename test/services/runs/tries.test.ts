import { describe, expect, test } from '@jest/globals';
import { parseMarker } from '../../../src/model/marker.ts';
import { advance, type Progress } from '../../../src/services/runs/progress.ts';
import { mark, marker } from '../../support/services/runs/scripted-run.ts';

/** Returns the progress after markers, a second apart. */
function progressAfter(...markers: [name: string, fields?: object][]): Progress {
  return markers.reduce<Progress>(
    (progress, [name, fields], second) => {
      const parsed = parseMarker(marker(name, { at: `10:00:0${second}`, ...fields }), mark);
      if (!parsed) throw new Error(`${name} is no marker`);
      return advance(progress, parsed);
    },
    { steps: [] },
  );
}

const start = (tries?: number): [string, object] => ['step.start', { instance: 'flaky', tries }];
const error = { code: 'step_failed', message: 'the script ended with exit code 3' };

describe('the progress of a step with retry', () => {
  test('the progress of a step with retry shows the current try and the start of the first one', () => {
    const { steps, step } = progressAfter(['runner.start'], start(1), start(2));
    expect(steps).toEqual([{ instance: 'flaky', state: 'running', tries: 2, startedAt: '10:00:01' }]);
    expect(step).toBe('flaky');
  });

  test('the progress of a step with retry has the last error and the number of tries when all have failed', () => {
    const end: [string, object] = ['step.end', { instance: 'flaky', tries: 2, state: 'error', error }];
    expect(progressAfter(start(1), start(2), end).steps).toEqual([
      { instance: 'flaky', state: 'error', tries: 2, startedAt: '10:00:00', finishedAt: '10:00:02', error },
    ]);
  });

  test('the progress of a step with retry continues its count after a crash of the runner', () => {
    expect(progressAfter(start(1), start(2), ['runner.start'], start(2)).steps).toEqual([
      { instance: 'flaky', state: 'running', tries: 2, startedAt: '10:00:00' },
    ]);
  });
});

test('the progress of a step without retry has no tries', () => {
  expect(progressAfter(start()).steps).toEqual([{ instance: 'flaky', state: 'running', startedAt: '10:00:00' }]);
});

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { Fault } from '../../../src/model/fault.ts';
import type { WaitStore } from '../../../src/model/ports/waits.ts';
import type { RecordedWait, RuntimeWait } from '../../../src/model/waiting.ts';
import { recordWaits, retryWhileEngineUnavailable } from '../../../src/services/tasks/record-waits.ts';
import { WaitRecorder } from '../../../src/services/tasks/wait-recorder.ts';
import { never, newRun } from '../../support/model/engine/runs.ts';

const run = newRun();
const limitMs = 60_000;
let written: RecordedWait[][];
const tasks: WaitStore = {
  waits: async () => ({ attempt: 1, waits: written.at(-1) ?? [] }),
  async recordWaits(_id, _writer, waits) {
    written.push([...waits]);
    return true;
  },
};
const ports = { tasks, log: pino({ level: 'silent' }), settings: { engineTimeoutMs: limitMs } };
const unschedulable: RuntimeWait = { reason: 'unschedulable', message: '0/1 nodes', source: 'runner' };
const away: RuntimeWait = { reason: 'engine_unavailable', message: 'refused' };
const pass = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);

beforeEach(() => {
  written = [];
  jest.useFakeTimers({ now: Date.parse('2026-11-30T10:00:00Z') });
});
afterEach(() => {
  jest.useRealTimers();
});

describe('WaitRecorder', () => {
  test('WaitRecorder writes nothing for a wait of less than two seconds', async () => {
    const recorder = await WaitRecorder.open(ports, run, true);
    recorder.update([unschedulable]);
    await pass(1900);
    recorder.update([]);
    await pass(60_000);
    await recorder.close();
    expect(written).toEqual([]);
  });

  test('WaitRecorder writes a wait once, then each change, and its end at once', async () => {
    const recorder = await WaitRecorder.open(ports, run, true);
    for (let second = 0; second < 300; second += 1) {
      recorder.update([unschedulable]);
      await pass(1000);
    }
    recorder.update([{ ...unschedulable, message: '0/2 nodes' }]);
    await pass(10_000);
    recorder.update([]);
    await recorder.close();
    const since = '2026-11-30T10:00:00.000Z';
    expect(written).toEqual([[{ ...unschedulable, since }], [{ ...unschedulable, message: '0/2 nodes', since }], []]);
  });

  test('WaitRecorder orders waits by engine, runner and the longest wait of components', async () => {
    const recorder = await WaitRecorder.open(ports, run, true);
    const of = (name: string, role: 'runner' | 'component', since: string): RuntimeWait => {
      return { reason: 'image_pull', message: '', source: name, since, pod: { name, uid: name, role } };
    };
    const later = of('orders-0', 'component', '2026-11-30T09:59:00.000Z');
    const longest = of('stock-0', 'component', '2026-11-30T09:58:00.000Z');
    const runner = of('runner', 'runner', '2026-11-30T09:59:59.000Z');
    recorder.update([later, longest, runner, away]);
    await pass(2000);
    await recorder.close();
    expect(written.at(-1)?.map(({ source }) => source)).toEqual([undefined, 'runner', 'stock-0', 'orders-0']);
  });

  test('WaitRecorder continues the waits of another worker and clears them at their end', async () => {
    const first = await WaitRecorder.open(ports, run, true);
    first.update([unschedulable]);
    await pass(5000);
    await first.close();
    const second = await WaitRecorder.open(ports, run, false);
    second.update([unschedulable]);
    await pass(5000);
    expect(written).toHaveLength(1);
    second.update([]);
    await second.close();
    expect(written.at(-1)).toEqual([]);
  });

  test('WaitRecorder ends the wait for an engine by a limit that counts across workers', async () => {
    const first = await WaitRecorder.open(ports, run, true);
    first.update([away]);
    await pass(limitMs - 1000);
    await first.close();
    expect(first.signal.aborted).toBe(false);
    const second = await WaitRecorder.open(ports, run, false);
    second.update([away]);
    await pass(1000);
    expect(second.signal.reason).toMatchObject({
      code: 'engine_timeout',
      message: expect.stringContaining('did not answer for 60 s: refused'),
    });
    await second.close();
  });

  test('WaitRecorder restarts the limit after the engine has answered', async () => {
    const recorder = await WaitRecorder.open(ports, run, true);
    recorder.update([away]);
    await pass(limitMs - 1000);
    recorder.update([]);
    recorder.update([away]);
    await pass(limitMs - 1000);
    expect(recorder.signal.aborted).toBe(false);
    await recorder.close();
  });
});

describe('recordWaits', () => {
  const refused = new Fault('engine_unavailable', 'the API server does not answer (ECONNREFUSED)');
  const create = (work: () => Promise<string>) =>
    recordWaits(ports, { run, isFirst: true }, never, (onWaits, signal) =>
      retryWhileEngineUnavailable({ onWaits, ping: undefined }, signal, work),
    );

  test('recordWaits finishes the work within one try once the engine answers again', async () => {
    let tries = 0;
    const created = create(async () => {
      tries += 1;
      if (tries < 10) throw refused;
      return 'runner';
    });
    await pass(limitMs - 1000);
    expect(await created).toBe('runner');
    expect(written.map(([wait]) => wait?.reason)).toEqual(['engine_unavailable', undefined]);
  });

  test('recordWaits throws engine_timeout at the limit and rethrows any other fault', async () => {
    const failed = create(() => Promise.reject(refused)).catch((error: unknown) => error);
    await pass(limitMs);
    expect(await failed).toMatchObject({ code: 'engine_timeout', message: expect.stringContaining('ECONNREFUSED') });
    const other = new Fault('quota_exceeded', 'exceeded quota');
    await expect(create(() => Promise.reject(other))).rejects.toBe(other);
  });

  test('recordWaits ends at the limit while a call of the engine hangs', async () => {
    const ping = () => Promise.reject(refused);
    const failed = recordWaits(ports, { run, isFirst: true }, never, (onWaits, signal) =>
      retryWhileEngineUnavailable({ onWaits, ping }, signal, () => new Promise(() => undefined)),
    ).catch((error: unknown) => error);
    await pass(20_000);
    expect(written.at(-1)).toMatchObject([{ reason: 'engine_unavailable' }]);
    await pass(limitMs + 20_000);
    expect(await failed).toMatchObject({ code: 'engine_timeout' });
  });

  test('recordWaits continues if the engine answers again before the limit', async () => {
    let isBack = false;
    const done = Promise.withResolvers<string>();
    const ping = async () => {
      if (!isBack) throw refused;
    };
    const created = recordWaits(ports, { run, isFirst: true }, never, (onWaits, signal) =>
      retryWhileEngineUnavailable({ onWaits, ping }, signal, () => done.promise),
    );
    await pass(40_000);
    isBack = true;
    await pass(5000 + limitMs);
    expect(written.at(-1)).toEqual([]);
    done.resolve('runner');
    expect(await created).toBe('runner');
  });
});

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { Fault } from '../../../src/model/fault.ts';
import type { WaitStore } from '../../../src/model/ports/waits.ts';
import type { RecordedWait, RuntimeWait } from '../../../src/model/waiting.ts';
import { recordWaits, whileEngineAway } from '../../../src/services/tasks/record-waits.ts';
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

describe('the recorder of waits', () => {
  test('writes nothing of a wait that is over within two seconds', async () => {
    const recorder = await WaitRecorder.open(ports, run, true);
    recorder.show([unschedulable]);
    await pass(1900);
    recorder.show([]);
    await pass(60_000);
    await recorder.close();
    expect(written).toEqual([]);
  });

  test('writes a wait once, however often it is seen, then each change, and its end at once', async () => {
    const recorder = await WaitRecorder.open(ports, run, true);
    for (let second = 0; second < 300; second += 1) {
      recorder.show([unschedulable]);
      await pass(1000);
    }
    recorder.show([{ ...unschedulable, message: '0/2 nodes' }]);
    await pass(10_000);
    recorder.show([]);
    await recorder.close();
    const since = '2026-11-30T10:00:00.000Z';
    expect(written).toEqual([[{ ...unschedulable, since }], [{ ...unschedulable, message: '0/2 nodes', since }], []]);
  });

  test('shows the engine first, then the runner, then the component that has waited longest', async () => {
    const recorder = await WaitRecorder.open(ports, run, true);
    const of = (name: string, role: 'runner' | 'component', since: string): RuntimeWait => {
      return { reason: 'image_pull', message: '', source: name, since, pod: { name, uid: name, role } };
    };
    const later = of('orders-0', 'component', '2026-11-30T09:59:00.000Z');
    const longest = of('stock-0', 'component', '2026-11-30T09:58:00.000Z');
    const runner = of('runner', 'runner', '2026-11-30T09:59:59.000Z');
    recorder.show([later, longest, runner, away]);
    await pass(2000);
    await recorder.close();
    expect(written.at(-1)?.map(({ source }) => source)).toEqual([undefined, 'runner', 'stock-0', 'orders-0']);
  });

  test('goes on from what another worker has recorded, and clears it when nothing is waited for any more', async () => {
    const first = await WaitRecorder.open(ports, run, true);
    first.show([unschedulable]);
    await pass(5000);
    await first.close();
    const second = await WaitRecorder.open(ports, run, false);
    second.show([unschedulable]);
    await pass(5000);
    expect(written).toHaveLength(1);
    second.show([]);
    await second.close();
    expect(written.at(-1)).toEqual([]);
  });

  test('ends a wait for an engine by its limit, counted across workers from the first time that it did not answer', async () => {
    const first = await WaitRecorder.open(ports, run, true);
    first.show([away]);
    await pass(limitMs - 1000);
    await first.close();
    expect(first.signal.aborted).toBe(false);
    const second = await WaitRecorder.open(ports, run, false);
    second.show([away]);
    await pass(1000);
    expect(second.signal.reason).toMatchObject({
      code: 'engine_timeout',
      message: expect.stringContaining('did not answer for 60 s: refused'),
    });
    await second.close();
  });

  test('waits as long again for an engine that has answered in between', async () => {
    const recorder = await WaitRecorder.open(ports, run, true);
    recorder.show([away]);
    await pass(limitMs - 1000);
    recorder.show([]);
    recorder.show([away]);
    await pass(limitMs - 1000);
    expect(recorder.signal.aborted).toBe(false);
    await recorder.close();
  });
});

describe('work that needs an engine', () => {
  const refused = new Fault('engine_unavailable', 'the API server does not answer (ECONNREFUSED)');
  const create = (work: () => Promise<string>) =>
    recordWaits(ports, { run, isFirst: true }, never, (onWaits, signal) =>
      whileEngineAway({ onWaits, ping: undefined }, signal, work),
    );

  test('is done once the engine is back, within one try of its activity', async () => {
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

  test('fails as engine_timeout once the engine has stayed away for the limit, and as what it is by any other fault', async () => {
    const failed = create(() => Promise.reject(refused)).catch((error: unknown) => error);
    await pass(limitMs);
    expect(await failed).toMatchObject({ code: 'engine_timeout', message: expect.stringContaining('ECONNREFUSED') });
    const other = new Fault('quota_exceeded', 'exceeded quota');
    await expect(create(() => Promise.reject(other))).rejects.toBe(other);
  });

  test('ends by the limit where the engine has taken a call and answers nothing any more', async () => {
    const ping = () => Promise.reject(refused);
    const failed = recordWaits(ports, { run, isFirst: true }, never, (onWaits, signal) =>
      whileEngineAway({ onWaits, ping }, signal, () => new Promise(() => undefined)),
    ).catch((error: unknown) => error);
    await pass(20_000);
    expect(written.at(-1)).toMatchObject([{ reason: 'engine_unavailable' }]);
    await pass(limitMs + 20_000);
    expect(await failed).toMatchObject({ code: 'engine_timeout' });
  });

  test('goes on where the engine answers again before its limit', async () => {
    let isBack = false;
    const done = Promise.withResolvers<string>();
    const ping = async () => {
      if (!isBack) throw refused;
    };
    const created = recordWaits(ports, { run, isFirst: true }, never, (onWaits, signal) =>
      whileEngineAway({ onWaits, ping }, signal, () => done.promise),
    );
    await pass(40_000);
    isBack = true;
    await pass(5000 + limitMs);
    expect(written.at(-1)).toEqual([]);
    done.resolve('runner');
    expect(await created).toBe('runner');
  });
});

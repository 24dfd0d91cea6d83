import { setTimeout } from 'node:timers/promises';
import { pino } from 'pino';
import type { Delivery, HookEvent } from '../../../../src/model/delivery.ts';
import { Fault } from '../../../../src/model/fault.ts';
import type { Job } from '../../../../src/model/job.ts';
import type { DeliveryStore } from '../../../../src/model/ports/deliveries.ts';
import type { Orchestrator } from '../../../../src/model/ports/orchestrator.ts';
import {
  createDispatcher,
  type Dispatcher,
  type DispatchTimes,
} from '../../../../src/services/deliveries/dispatcher.ts';
import { openStore, type TestStore } from '../../adapters/mongodb/open-store.ts';
import { aComponent, aFlow } from './jobs.ts';

export interface Call {
  job: string;
  delivery: string;
  key: string;
  again: boolean;
}

/** The entities' side in memory: every trigger that reached it, and what they started, as they drop keys that they know. */
export class Entities implements Pick<Orchestrator, 'triggerJob'> {
  readonly calls: Call[] = [];
  /** Temporal does not answer. */
  away = false;
  /** Milliseconds that a trigger takes. */
  takes = 0;
  /** Most triggers that were under way at once. */
  atOnce = 0;
  /** Throws what Temporal answers instead. */
  refuse: (job: Job, delivery: string) => void = () => undefined;
  #busy = 0;

  readonly triggerJob: Orchestrator['triggerJob'] = async (job, { trigger, key, again }) => {
    this.#busy += 1;
    this.atOnce = Math.max(this.atOnce, this.#busy);
    try {
      if (this.takes > 0) await setTimeout(this.takes);
      if (this.away) throw new Fault('unavailable', 'Temporal does not answer');
      const delivery = 'deliveries' in trigger ? trigger.deliveries.join() : '';
      this.refuse(job, delivery);
      this.calls.push({ job: job.name, delivery, key, again: again === true });
    } finally {
      this.#busy -= 1;
    }
  };

  /** Ids of the deliveries that started a task of the job, in order. */
  started(job: string): string[] {
    return [...new Set(this.calls.filter((call) => call.job === job).map(({ delivery }) => delivery))];
  }
}

export interface TestSystem extends TestStore {
  entities: Entities;
  /** A dispatcher that `close` stops; with `deliveries`, over another view of the records. */
  dispatcher(more?: Partial<DispatchTimes> & { deliveries?: DeliveryStore }): Dispatcher;
  /** Records deliveries one after the other. */
  receive(...deliveries: (string | Partial<Delivery>)[]): Promise<void>;
  /** Settles when nothing waits any more. */
  allDone(): Promise<void>;
  state(id: string): Promise<Delivery['state'] | undefined>;
}

export const merge: HookEvent = {
  kind: 'pr_merged',
  repo: 'owner/greeter',
  base: 'main',
  source: 'change',
  number: 1,
  title: 'A change',
  sha: 'a'.repeat(40),
  by: 'somebody',
};

export const tag: HookEvent = { kind: 'tag_created', repo: 'owner/greeter', tag: 'v1.0.0', by: 'somebody' };

/** Records on a MongoDB of their own, with a flow of one component and these jobs. */
export async function openSystem(jobs: readonly Job[]): Promise<TestSystem> {
  const opened = await openStore();
  const { store } = opened;
  await store.flows.insert(aFlow());
  await store.plugins.replaceAll([aComponent()]);
  for (const job of jobs) await store.jobs.insert(job);
  const entities = new Entities();
  const dispatchers: Dispatcher[] = [];
  return {
    ...opened,
    entities,
    dispatcher({ deliveries = store.deliveries, ...times } = {}) {
      const ports = { ...store, deliveries, orchestrator: entities, log: pino({ level: 'silent' }) };
      const quick = { lease: 1000, held: 10, firstPause: 10, lastPause: 50 };
      const dispatcher = createDispatcher(ports, { ...quick, ...times });
      dispatchers.push(dispatcher);
      return dispatcher;
    },
    async receive(...deliveries) {
      for (const one of deliveries) {
        await store.deliveries.insert({
          id: 'unnamed',
          event: 'pull_request.closed',
          repo: 'owner/greeter',
          summary: 'owner/greeter: #1 was merged into main',
          hook: merge,
          state: 'received',
          failures: 0,
          matches: [],
          receivedAt: new Date(),
          ...(typeof one === 'string' ? { id: one } : one),
        });
      }
    },
    allDone: () => until(async () => (await store.deliveries.waiting(1)).length === 0),
    state: async (id) => (await store.deliveries.get(id))?.state,
    async close() {
      await Promise.all(dispatchers.map((dispatcher) => dispatcher.stop()));
      await opened.close();
    },
  };
}

/** Settles when the condition is true; jest's own limit ends what never is. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await setTimeout(5);
}

/** The same records as a program sees them that can be cut off from them, in the middle of its work. */
export function cuttable(deliveries: DeliveryStore, before: (method: string) => boolean = () => false) {
  let cut = false;
  const methods = Object.entries(deliveries).map(([name, method]) => [
    name,
    async (...args: unknown[]) => {
      cut ||= before(name);
      if (cut) throw new Fault('unavailable', 'MongoDB does not answer');
      return (method as (...given: unknown[]) => Promise<unknown>)(...args);
    },
  ]);
  return { deliveries: Object.fromEntries(methods) as DeliveryStore, isCut: () => cut };
}

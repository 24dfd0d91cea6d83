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

/** Job entities in memory: records every trigger, and the tasks that they start, as they ignore known keys. */
export class Entities implements Pick<Orchestrator, 'triggerJob'> {
  readonly calls: Call[] = [];
  /** Whether Temporal is unreachable. */
  away = false;
  /** Duration of a trigger. */
  delayMs = 0;
  /** Maximum number of concurrent triggers so far. */
  maxConcurrent = 0;
  /** Throws an error of Temporal for a trigger. */
  refuse: (job: Job, delivery: string) => void = () => undefined;
  #busy = 0;

  readonly triggerJob: Orchestrator['triggerJob'] = async (job, { trigger, key, again }) => {
    this.#busy += 1;
    this.maxConcurrent = Math.max(this.maxConcurrent, this.#busy);
    try {
      if (this.delayMs > 0) await setTimeout(this.delayMs);
      if (this.away) throw new Fault('unavailable', 'Temporal does not answer');
      const delivery = 'deliveries' in trigger ? trigger.deliveries.join() : '';
      this.refuse(job, delivery);
      this.calls.push({ job: job.name, delivery, key, again: again === true });
    } finally {
      this.#busy -= 1;
    }
  };

  /** Returns the ids of the deliveries that started a task of the job, in order. */
  started(job: string): string[] {
    return [...new Set(this.calls.filter((call) => call.job === job).map(({ delivery }) => delivery))];
  }
}

export interface TestSystem extends TestStore {
  entities: Entities;
  /** Creates a dispatcher, which `close` stops; `deliveries` replaces the store. */
  dispatcher(more?: Partial<DispatchTimes> & { deliveries?: DeliveryStore }): Dispatcher;
  /** Records deliveries one after the other. */
  receive(...deliveries: (string | Partial<Delivery>)[]): Promise<void>;
  /** Resolves once no delivery waits. */
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
  by: 'octocat',
};

export const tag: HookEvent = { kind: 'tag_created', repo: 'owner/greeter', tag: 'v1.0.0', by: 'octocat' };

/** Opens an empty database with a flow of one component and these jobs. */
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
      const fastTimes: DispatchTimes = { leaseMs: 1000, leaseCheckMs: 10, minBackoffMs: 10, maxBackoffMs: 50 };
      const dispatcher = createDispatcher(ports, { ...fastTimes, ...times });
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

/** Resolves once the condition is true; the time limit of jest is the bound. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await setTimeout(5);
}

/** Wraps a store so that it becomes unreachable once `before` returns true for a called method. */
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

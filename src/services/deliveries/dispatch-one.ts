import type { Logger } from 'pino';
import type { Delivery, DeliveryMatch } from '../../model/delivery.ts';
import { Fault } from '../../model/fault.ts';
import { printable } from '../../model/plain-text.ts';
import type { DeliveryStore } from '../../model/ports/deliveries.ts';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import type { EventTrigger } from '../../model/trigger.ts';
import { type JobMatch, loadMatcher, type MatchPorts, toRecord } from './load-matcher.ts';

export interface DispatchPorts extends MatchPorts {
  deliveries: DeliveryStore;
  orchestrator: Pick<Orchestrator, 'triggerJob'>;
  log: Logger;
}

/**
 * Failed dispatches of one delivery in a row before it is parked, so that it does not block the deliveries behind it.
 */
const maxFailures = 5;

/**
 * Triggers the jobs that a delivery matches now, and finishes it. A job that an earlier try has triggered knows the key
 * of the delivery and starts nothing again. Returns false when the dispatch failed and the delivery still waits. Throws
 * `unavailable` when Temporal or MongoDB is unreachable.
 */
export async function dispatchOne(ports: DispatchPorts, delivery: Delivery): Promise<boolean> {
  const { deliveries, log } = ports;
  const { id } = delivery;
  let matches: DeliveryMatch[] = [];
  try {
    const found = delivery.hook ? await (await loadMatcher(ports))(delivery.hook) : [];
    matches = found.map(toRecord);
    const started = found.filter(({ matched }) => matched);
    await triggerAll(ports, delivery, started);
    await deliveries.finish(id, { state: 'dispatched', matches });
    const jobs = started.map(({ job }) => job.name);
    log.info({ deliveryId: id, event: delivery.event, jobs }, 'webhook delivery dispatched');
    return true;
  } catch (error) {
    if (isUnavailable(error)) throw error;
    const reason = messageOf(error);
    const failures = delivery.failures + 1;
    log.warn({ deliveryId: id, failures, err: error }, 'cannot dispatch a webhook delivery');
    await deliveries.fail(id, reason);
    if (failures < maxFailures) return false;
    await deliveries.finish(id, { state: 'parked', matches, error: reason });
    return true;
  }
}

/** Triggers all matching jobs, then throws one Error with the failures. */
async function triggerAll(ports: DispatchPorts, delivery: Delivery, started: readonly JobMatch[]): Promise<void> {
  const { id, hook, replayOf } = delivery;
  if (!hook) return;
  const failures: string[] = [];
  for (const { job, changes } of started) {
    const trigger: EventTrigger = { type: hook.kind, deliveries: [id], changes };
    const again = replayOf !== undefined;
    try {
      await ports.orchestrator.triggerJob(job, { trigger, key: `delivery/${id}`, ...(again && { again }) });
    } catch (error) {
      if (isUnavailable(error)) throw error;
      failures.push(`job ${job.name}: ${messageOf(error)}`);
    }
  }
  if (failures.length > 0) throw new Error(failures.join('; '));
}

/** Returns true when the delivery is fine and a server is unreachable. */
function isUnavailable(error: unknown): boolean {
  return error instanceof Fault && error.code === 'unavailable';
}

function messageOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}

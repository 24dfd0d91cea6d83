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

/** A delivery whose dispatch failed so often in a row is parked: those behind it shall not wait for ever. */
const mostFailures = 5;

/**
 * Triggers the jobs that a delivery matches now, and finishes it; a job that was triggered by an earlier try knows the
 * delivery's key and starts nothing again. False when it failed and still waits. Throws when Temporal or MongoDB is away.
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
    log.info({ delivery: id, event: delivery.event, jobs: started.map(({ job }) => job.name) }, 'webhook dispatched');
    return true;
  } catch (error) {
    if (isAway(error)) throw error;
    const reason = messageOf(error);
    const failures = delivery.failures + 1;
    log.warn({ delivery: id, failures, err: error }, 'cannot dispatch a webhook');
    await deliveries.fail(id, reason);
    if (failures < mostFailures) return false;
    await deliveries.finish(id, { state: 'parked', matches, error: reason });
    return true;
  }
}

/** Triggers every job that can be, then throws what failed for the others. */
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
      if (isAway(error)) throw error;
      failures.push(`job ${job.name}: ${messageOf(error)}`);
    }
  }
  if (failures.length > 0) throw new Error(failures.join('; '));
}

/** True when nothing is wrong with the delivery: a server does not answer, and will. */
function isAway(error: unknown): boolean {
  return error instanceof Fault && error.code === 'unavailable';
}

function messageOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}

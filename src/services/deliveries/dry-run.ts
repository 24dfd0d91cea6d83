import type { Delivery, DeliveryMatch } from '../../model/delivery.ts';
import { found } from '../../model/found.ts';
import type { DeliveryStore } from '../../model/ports/deliveries.ts';
import type { RepositoryChange } from '../../model/trigger.ts';
import { loadMatcher, type Matcher, type MatchPorts, toRecord } from './load-matcher.ts';
import { type ReadAgainPorts, readAgain } from './read-again.ts';

export interface DryRunPorts extends MatchPorts, ReadAgainPorts {
  deliveries: DeliveryStore;
}

/** What a delivery would mean to a job now. */
interface WouldMatch extends DeliveryMatch {
  changes: RepositoryChange[];
}

export interface DryRun extends Pick<Delivery, 'id' | 'event' | 'repo' | 'summary' | 'receivedAt'> {
  matches: WouldMatch[];
}

export interface Range {
  since?: Date;
  /** Received before it. */
  until?: Date;
  limit: number;
}

/** What today's rules would do with a delivery; nothing is started. Faults: not_found. */
export async function dryRun(ports: DryRunPorts, id: string): Promise<DryRun> {
  const delivery = await readAgain(ports, found(await ports.deliveries.get(id), `delivery ${id}`));
  return tryOut(await loadMatcher(ports), delivery);
}

/**
 * What today's rules would do with the deliveries of a time, newest first, each with the jobs that would start. Those that
 * are none of the rules' events, and replays, are left out; `hasMore` says that the limit cut some off.
 */
export async function dryRunRange(
  ports: DryRunPorts,
  { since, until, limit }: Range,
): Promise<{ items: DryRun[]; hasMore: boolean }> {
  const matcher = await loadMatcher(ports);
  const items: DryRun[] = [];
  let cursor: string | undefined;
  do {
    const page = await ports.deliveries.list({ ...(since && { since }) }, { limit: 200, cursor });
    for (const stored of page.items) {
      const delivery = await readAgain(ports, stored);
      if (!delivery.hook || delivery.replayOf !== undefined || (until && delivery.receivedAt >= until)) continue;
      if (items.length === limit) return { items, hasMore: true };
      const tried = await tryOut(matcher, delivery);
      items.push({ ...tried, matches: tried.matches.filter(({ matched }) => matched) });
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return { items, hasMore: false };
}

async function tryOut(matcher: Matcher, { id, event, repo, summary, receivedAt, hook }: Delivery): Promise<DryRun> {
  const matches = hook ? await matcher(hook) : [];
  return {
    id,
    event,
    ...(repo !== undefined && { repo }),
    summary,
    receivedAt,
    matches: matches.map((one) => ({ ...toRecord(one), changes: one.changes })),
  };
}

import type { Delivery, DeliveryMatch } from '../../model/delivery.ts';
import type { DeliveryStore } from '../../model/ports/deliveries.ts';
import { requireFound } from '../../model/require-found.ts';
import type { RepositoryChange } from '../../model/trigger.ts';
import { loadMatcher, type Matcher, type MatchPorts, toRecord } from './load-matcher.ts';
import { type RereadPorts, rereadDelivery } from './reread-delivery.ts';

export interface DryRunPorts extends MatchPorts, RereadPorts {
  deliveries: DeliveryStore;
}

/** The match of a delivery and a job by the current rules. */
interface WouldMatch extends DeliveryMatch {
  changes: RepositoryChange[];
}

export interface DryRun extends Pick<Delivery, 'id' | 'event' | 'repo' | 'summary' | 'receivedAt'> {
  matches: WouldMatch[];
}

export interface TimeRange {
  since?: Date;
  /** End of the range, exclusive. */
  until?: Date;
  limit: number;
}

/** Returns the matches of a delivery by the current rules; starts nothing. Faults: not_found. */
export async function dryRun(ports: DryRunPorts, id: string): Promise<DryRun> {
  const delivery = await rereadDelivery(ports, requireFound(await ports.deliveries.get(id), `delivery ${id}`));
  return matchDelivery(await loadMatcher(ports), delivery);
}

/**
 * Returns the deliveries of a time range, newest first, each with the jobs that it would start by the current rules.
 * Leaves out replays and events that no rule handles; `hasMore` is true when the limit cut the list.
 */
export async function dryRunRange(
  ports: DryRunPorts,
  { since, until, limit }: TimeRange,
): Promise<{ items: DryRun[]; hasMore: boolean }> {
  const matcher = await loadMatcher(ports);
  const items: DryRun[] = [];
  let cursor: string | undefined;
  do {
    const page = await ports.deliveries.list({ since }, { limit: 200, cursor });
    for (const stored of page.items) {
      const delivery = await rereadDelivery(ports, stored);
      if (!delivery.hook || delivery.replayOf !== undefined || (until && delivery.receivedAt >= until)) continue;
      if (items.length === limit) return { items, hasMore: true };
      const tried = await matchDelivery(matcher, delivery);
      items.push({ ...tried, matches: tried.matches.filter(({ matched }) => matched) });
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return { items, hasMore: false };
}

async function matchDelivery(
  matcher: Matcher,
  { id, event, repo, summary, receivedAt, hook }: Delivery,
): Promise<DryRun> {
  const matches = hook ? await matcher(hook) : [];
  return {
    id,
    event,
    repo,
    summary,
    receivedAt,
    matches: matches.map((one) => ({ ...toRecord(one), changes: one.changes })),
  };
}

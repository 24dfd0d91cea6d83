import { setTimeout as pause } from 'node:timers/promises';
import { isLateReader } from '../../model/engine/late-reader.ts';
import { LineJoiner } from '../../model/engine/lines.ts';
import { LogCut, LogLost } from '../../model/engine/log-cut.ts';
import type { RawLine } from '../../model/engine/runtime.ts';
import { comparable } from '../../model/engine/stamps.ts';
import { ApiError, apiFault, isUnreachable } from './api-errors.ts';
import { type Cluster, patiently } from './cluster.ts';
import { type LogPlace, type LogSource, locate } from './locate.ts';
import { LogEnd } from './log-end.ts';
import { StampedLines } from './stamped-lines.ts';

export interface LogRequest {
  source: LogSource;
  since: string | undefined;
  follow: boolean;
}

/** Seconds in which a node may say that it does not know a container before the one of now: of ended ones it keeps one. */
const previousPatience = 5;
/** Milliseconds that the state of a pod may be behind its containers. */
const lag = 1000;
/** Milliseconds after which a stream was open, also one of a quiet container: its answer begins before that, or never. */
const steadyMs = 20_000;

/**
 * See Runtime.readLog. A stream that breaks, or ends before the container, is asked for again from where it ended; when the
 * container has ended, once more without following, as a followed log may lack its last lines.
 */
export async function* readLog(cluster: Cluster, request: LogRequest, signal: AbortSignal): AsyncIterable<RawLine[]> {
  const { source, follow, since } = request;
  const doing = `reading the log of ${source.pod?.name ?? source.streamId}`;
  const end = new LogEnd();
  const joiner = new LineJoiner();
  let brokenSince: number | undefined;
  // A followed log is silent about lines that are gone, so what is there now is asked for first.
  let peek = since !== undefined || isLateReader(source);
  let failure: { error: unknown } | undefined;
  try {
    for (let complete = false, wait = 50; !complete; wait = Math.min(wait * 2, 2000)) {
      const place = await patiently(cluster, doing, signal, () => locate(cluster, source, signal));
      // A pod that goes in an orderly way has its log read before; a stream that broke was not read to its end.
      if (place === 'pod gone' && brokenSince === undefined) break;
      if (typeof place === 'string') throw new LogLost(`${doing}: ${place}`);
      const isOpen = follow && place.running;
      const followed = isOpen && !peek;
      const askedAt = Date.now();
      const asked = { ...request, follow: followed, isUnread: isOpen && wasUnread(end, since, brokenSince) };
      try {
        for await (const lines of readOnce(cluster, asked, place, end, joiner, signal)) {
          brokenSince = undefined;
          wait = 50;
          if (lines.length > 0) yield lines;
        }
        complete = !isOpen;
        brokenSince = undefined;
        const rest = complete ? joiner.end() : [];
        if (rest.length > 0) yield rest;
        if (!followed && joiner.oldest === undefined) yield [];
        if (followed) await untilEnded(cluster, source, signal);
        peek = followed;
      } catch (error) {
        peek = true;
        if (Date.now() - askedAt > steadyMs) brokenSince = undefined;
        if (signal.aborted || !mayComeBack(error)) throw error;
        brokenSince ??= Date.now();
        const limit = place.previous && isUnknown(error) ? previousPatience : cluster.patienceSeconds;
        if (Date.now() - brokenSince > limit * 1000) throw isUnknown(error) ? new LogLost(String(error)) : error;
        cluster.log.warn({ err: error, container: source.streamId }, 'the log of a container broke off');
        await pause(wait, undefined, { signal });
      }
    }
  } catch (error) {
    if (signal.aborted) return;
    failure = { error: apiFault(error, doing) };
  }
  // Also of a log that is lost: what has come of its last line.
  const last = failure && !(failure.error instanceof LogLost) ? [] : joiner.end();
  if (last.length > 0) yield last;
  if (failure) throw failure.error;
}

/** Nobody has read for so long that lines may have come and gone, and there is none to tell it by. */
function wasUnread({ since: read }: LogEnd, since: string | undefined, brokenSince: number | undefined): boolean {
  return read === undefined && since === undefined && brokenSince !== undefined && Date.now() - brokenSince > lag;
}

/** The pod has another container by now, so that this log may have been another one's. */
class OtherContainer extends Error {}

/** The node does not know the container of a pod that is there: it forgot it, or it was only now started again itself. */
function isUnknown(error: unknown): boolean {
  return error instanceof LogLost || (error instanceof ApiError && (error.status === 400 || error.status === 404));
}

function mayComeBack(error: unknown): boolean {
  return isUnreachable(error) || isUnknown(error) || error instanceof OtherContainer;
}

async function* readOnce(
  cluster: Cluster,
  { source, since, follow, isUnread }: LogRequest & { isUnread: boolean },
  place: LogPlace,
  end: LogEnd,
  joiner: LineJoiner,
  signal: AbortSignal,
): AsyncGenerator<RawLine[]> {
  const { namespace, log } = cluster;
  const from = end.since ?? since;
  const first = since === undefined ? '' : comparable(since);
  const query = {
    container: place.container,
    timestamps: true,
    previous: place.previous,
    follow,
    ...(from !== undefined && { sinceTime: from }),
  };
  const path = `${namespace.path('Pod', place.pod)}/log`;
  const over = new AbortController();
  try {
    const stream = await namespace.api.stream({ path, query, signal: AbortSignal.any([signal, over.signal]) });
    const now = await locate(cluster, source, signal);
    if (typeof now === 'string' || now.previous !== place.previous) {
      throw new OtherContainer('the pod has started another container');
    }
    if (isUnread) throw new LogCut('the log broke off before its first line was read');
    end.restart();
    const lines = new StampedLines();
    for await (const piece of stream) {
      const done: RawLine[] = [];
      for (const stamped of lines.push(piece)) {
        const { at, bytes } = stamped;
        if (at === undefined) {
          checkSaid(log, bytes.toString('utf8').trim(), source);
          continue;
        }
        const fresh = end.fresh(stamped);
        // The server cuts the stamp that it is asked for to whole seconds.
        if (fresh.length > 0 && at >= first) joiner.push({ kind: 'out', at, bytes: fresh }, done);
      }
      yield done;
    }
    end.finish();
  } finally {
    over.abort();
  }
}

/** What is in a log without a stamp is said by the kubelet itself. */
function checkSaid(log: Cluster['log'], said: string, { streamId }: LogSource): void {
  if (said.startsWith('unable to retrieve container logs')) throw new LogLost(said);
  log.warn({ said, container: streamId }, 'the kubelet says in a log');
}

/** Waits until the state of the pod says that the container has ended, but not longer than it may be behind. */
async function untilEnded(cluster: Cluster, source: LogSource, signal: AbortSignal): Promise<void> {
  for (let waited = 0, wait = 20; waited < lag; waited += wait, wait *= 2) {
    const place = await locate(cluster, source, signal);
    if (typeof place === 'string' || !place.running) return;
    await pause(wait, undefined, { signal });
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import { LineJoiner } from '../lines.ts';
import { LogLost } from '../log-cut.ts';
import type { RawLine } from '../runtime.ts';
import { comparable } from '../stamps.ts';
import { ApiError, apiFault, isGone, isUnreachable } from './api-errors.ts';
import { type Cluster, patiently } from './cluster.ts';
import { type LogPlace, type LogSource, locate } from './locate.ts';
import { LogEnd } from './log-end.ts';
import { StampedLines } from './stamped-lines.ts';

export interface LogRequest {
  source: LogSource;
  since: string | undefined;
  follow: boolean;
}

/** Broken connections in a row, without a byte between them, before the API server counts as away. */
const mostBreaks = 8;
/** Milliseconds that the state of a pod may be behind its containers. */
const lag = 1000;

/**
 * See Runtime.readLog. A stream that breaks, or ends before the container, is asked for again from where it ended; when the
 * container has ended, once more without following, as a followed log may lack its last lines.
 */
export async function* readLog(cluster: Cluster, request: LogRequest, signal: AbortSignal): AsyncIterable<RawLine[]> {
  const { source, follow } = request;
  const doing = `reading the log of ${source.pod?.name ?? source.streamId}`;
  const end = new LogEnd();
  const joiner = new LineJoiner();
  let breaks = 0;
  let failure: { error: unknown } | undefined;
  try {
    for (let complete = false; !complete; ) {
      const place = await patiently(cluster, doing, signal, () => locate(cluster, source, signal));
      // A pod that goes in an orderly way has its log read before; a stream that broke was not read to its end.
      if (place === 'pod gone' && breaks === 0) break;
      if (typeof place === 'string') throw new LogLost(`${doing}: ${place}`);
      const followed = follow && place.running;
      try {
        for await (const lines of readOnce(cluster, request, place, end, joiner, signal)) {
          breaks = 0;
          if (lines.length > 0) yield lines;
        }
        complete = !followed;
        if (!complete) await untilEnded(cluster, source, signal);
      } catch (error) {
        breaks += 1;
        if (signal.aborted || !(isUnreachable(error) || error instanceof OtherContainer) || breaks > mostBreaks)
          throw error;
        cluster.log.warn({ err: error, container: source.streamId }, 'the log of a container broke off');
        await pause(50 * 2 ** breaks, undefined, { signal });
      }
    }
  } catch (error) {
    if (signal.aborted) return;
    if (!isGone(error)) failure = { error: apiFault(error, doing) };
  }
  // Also of a log that is lost: what has come of its last line.
  const last = failure && !(failure.error instanceof LogLost) ? [] : joiner.end();
  if (last.length > 0) yield last;
  if (failure) throw failure.error;
}

/** The pod has another container by now, so that this log may have been another one's. */
class OtherContainer extends Error {}

async function* readOnce(
  cluster: Cluster,
  { source, since, follow }: LogRequest,
  place: LogPlace,
  end: LogEnd,
  joiner: LineJoiner,
  signal: AbortSignal,
): AsyncGenerator<RawLine[]> {
  const { namespace, log } = cluster;
  const from = end.since ?? since;
  const query = {
    container: place.container,
    timestamps: true,
    previous: place.previous,
    follow: follow && place.running,
    ...(from !== undefined && { sinceTime: from }),
  };
  const path = `${namespace.path('Pod', place.pod)}/log`;
  const stream = await namespace.api.stream({ path, query, signal }).catch((error: unknown) => {
    // The node has removed the container since: of those that have ended it keeps one.
    const isLost = error instanceof ApiError && (error.status === 400 || /container .* not found/.test(error.message));
    throw isLost ? new LogLost(error.message) : error;
  });
  const now = await locate(cluster, source, signal);
  if (typeof now === 'string' || now.previous !== place.previous) {
    for await (const _piece of stream) break;
    throw new OtherContainer('the pod has started another container');
  }
  const first = since === undefined ? '' : comparable(since);
  const lines = new StampedLines();
  let lost = false;
  end.restart();
  for await (const piece of stream) {
    const done: RawLine[] = [];
    for (const stamped of lines.push(piece)) {
      const { at, bytes } = stamped;
      if (at === undefined) {
        if (bytes.toString('latin1').startsWith('unable to retrieve container logs')) lost = true;
        log.warn({ said: bytes.toString('utf8').trim(), container: source.streamId }, 'the kubelet says in a log');
        continue;
      }
      const fresh = end.fresh(stamped);
      // The server cuts the stamp that it is asked for to whole seconds.
      if (fresh.length > 0 && at >= first) joiner.push({ kind: 'out', at, bytes: fresh }, done);
    }
    yield done;
  }
  if (lost) throw new LogLost('the node has no log of the container any more');
  end.finish();
}

/** Waits until the state of the pod says that the container has ended, but not longer than it may be behind. */
async function untilEnded(cluster: Cluster, source: LogSource, signal: AbortSignal): Promise<void> {
  for (let waited = 0, wait = 20; waited < lag; waited += wait, wait *= 2) {
    const place = await locate(cluster, source, signal);
    if (typeof place === 'string' || !place.running) return;
    await pause(wait, undefined, { signal });
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import { isLateReader } from '../../model/engine/late-reader.ts';
import { LineJoiner } from '../../model/engine/lines.ts';
import { LogLostError, LogTruncatedError } from '../../model/engine/log-errors.ts';
import type { RawLine } from '../../model/engine/runtime.ts';
import { normalizeTimestamp } from '../../model/engine/timestamps.ts';
import { ApiError, apiFault, isUnreachable } from './api-errors.ts';
import { type Cluster, retryWhileUnreachable } from './cluster.ts';
import { type LogLocation, type LogSource, locateLog } from './locate.ts';
import { LogCursor } from './log-cursor.ts';
import { TimestampedLines } from './timestamped-lines.ts';

export interface LogRequest {
  source: LogSource;
  since: string | undefined;
  follow: boolean;
}

/** Time in which a node may not know a previous container, of which it keeps only the last one. */
const previousGraceSeconds = 5;
/** Milliseconds that the state of a pod may be behind its containers. */
const statusLagMs = 1000;
/** Time after which a stream counts as open, even of a quiet container: an answer begins earlier or never. */
const steadyMs = 20_000;

/**
 * Implements Runtime.readLog. Resumes a stream that breaks, or that ends before the container. Reads an ended
 * container's log once more without following, as a followed log may lack its last lines.
 */
export async function* readLog(cluster: Cluster, request: LogRequest, signal: AbortSignal): AsyncIterable<RawLine[]> {
  const { source, follow, since } = request;
  const action = `reading the log of ${source.pod?.name ?? source.streamId}`;
  const cursor = new LogCursor();
  const joiner = new LineJoiner();
  let brokenSince: number | undefined;
  // A followed log hides missing lines, so the available ones are read first without following.
  let peek = since !== undefined || isLateReader(source);
  let failure: { error: unknown } | undefined;
  try {
    for (let complete = false, wait = 50; !complete; wait = Math.min(wait * 2, 2000)) {
      const location = await retryWhileUnreachable(cluster, action, signal, () => locateLog(cluster, source, signal));
      // The log of a pod that is removed in order was read before; that of a broken stream was not read to its end.
      if (location === 'pod gone' && brokenSince === undefined) break;
      if (typeof location === 'string') throw new LogLostError(`${action}: ${location}`);
      const isOpen = follow && location.running;
      const followed = isOpen && !peek;
      const askedAt = Date.now();
      const current = { ...request, follow: followed, isUnread: isOpen && wasUnread(cursor, since, brokenSince) };
      try {
        for await (const lines of readOnce(cluster, current, location, cursor, joiner, signal)) {
          brokenSince = undefined;
          wait = 50;
          if (lines.length > 0) yield lines;
        }
        complete = !isOpen;
        brokenSince = undefined;
        const rest = complete ? joiner.end() : [];
        if (rest.length > 0) yield rest;
        if (!followed && joiner.oldest === undefined) yield [];
        if (followed) await waitUntilEnded(cluster, source, signal);
        peek = followed;
      } catch (error) {
        peek = true;
        if (Date.now() - askedAt > steadyMs) brokenSince = undefined;
        if (signal.aborted || !isRetryable(error)) throw error;
        brokenSince ??= Date.now();
        const limit =
          location.previous && isUnknownContainer(error) ? previousGraceSeconds : cluster.unreachableTimeoutSeconds;
        if (Date.now() - brokenSince > limit * 1000)
          throw isUnknownContainer(error) ? new LogLostError(String(error)) : error;
        cluster.log.warn({ err: error, streamId: source.streamId }, 'connection of a container log broke, resuming');
        await pause(wait, undefined, { signal });
      }
    }
  } catch (error) {
    if (signal.aborted) return;
    failure = { error: apiFault(error, action) };
  }
  // The part of the last line that was read, even of a lost log.
  const last = failure && !(failure.error instanceof LogLostError) ? [] : joiner.end();
  if (last.length > 0) yield last;
  if (failure) throw failure.error;
}

/** Tells whether an unread log was interrupted so long that lines may be lost, with no earlier line to detect it by. */
function wasUnread({ since: read }: LogCursor, since: string | undefined, brokenSince: number | undefined): boolean {
  return (
    read === undefined && since === undefined && brokenSince !== undefined && Date.now() - brokenSince > statusLagMs
  );
}

/** Error of a log that may belong to another container, which has replaced the wanted one. */
class OtherContainerError extends Error {}

/** Tells whether the node does not know an existing pod's container: it forgot it, or has just restarted itself. */
function isUnknownContainer(error: unknown): boolean {
  return error instanceof LogLostError || (error instanceof ApiError && (error.status === 400 || error.status === 404));
}

function isRetryable(error: unknown): boolean {
  return isUnreachable(error) || isUnknownContainer(error) || error instanceof OtherContainerError;
}

async function* readOnce(
  cluster: Cluster,
  { source, since, follow, isUnread }: LogRequest & { isUnread: boolean },
  location: LogLocation,
  cursor: LogCursor,
  joiner: LineJoiner,
  signal: AbortSignal,
): AsyncGenerator<RawLine[]> {
  const { namespace, log } = cluster;
  const from = cursor.since ?? since;
  const first = since === undefined ? '' : normalizeTimestamp(since);
  const query = {
    container: location.container,
    timestamps: true,
    previous: location.previous,
    follow,
    ...(from !== undefined && { sinceTime: from }),
  };
  const path = `${namespace.path('Pod', location.pod)}/log`;
  const over = new AbortController();
  try {
    const stream = await namespace.api.stream({ path, query, signal: AbortSignal.any([signal, over.signal]) });
    const now = await locateLog(cluster, source, signal);
    if (typeof now === 'string' || now.previous !== location.previous) {
      throw new OtherContainerError('the pod has started another container');
    }
    if (isUnread) throw new LogTruncatedError('the log broke off before its first line was read');
    cursor.restart();
    const lines = new TimestampedLines();
    for await (const piece of stream) {
      const done: RawLine[] = [];
      for (const timestamped of lines.push(piece)) {
        const { at, bytes } = timestamped;
        if (at === undefined) {
          handleKubeletMessage(log, bytes.toString('utf8').trim(), source);
          continue;
        }
        const fresh = cursor.unreadBytes(timestamped);
        // The server truncates the requested timestamp to whole seconds.
        if (fresh.length > 0 && at >= first) joiner.push({ kind: 'out', at, bytes: fresh }, done);
      }
      yield done;
    }
    cursor.finish();
  } finally {
    over.abort();
  }
}

/** Logs a line without a timestamp, which is a message of the kubelet. Throws LogLostError when it has no log. */
function handleKubeletMessage(log: Cluster['log'], message: string, { streamId }: LogSource): void {
  if (message.startsWith('unable to retrieve container logs')) throw new LogLostError(message);
  log.warn({ kubeletMessage: message, streamId }, 'kubelet message in container log');
}

/** Waits until the pod's status shows that the container has ended, at most for the status's maximum delay. */
async function waitUntilEnded(cluster: Cluster, source: LogSource, signal: AbortSignal): Promise<void> {
  for (let waited = 0, wait = 20; waited < statusLagMs; waited += wait, wait *= 2) {
    const location = await locateLog(cluster, source, signal);
    if (typeof location === 'string' || !location.running) return;
    await pause(wait, undefined, { signal });
  }
}

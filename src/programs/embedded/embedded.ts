import { Fault } from '../../model/fault.ts';
import type { Config } from '../config.ts';
import { ensureBaseImage } from './base-image.ts';
import { findDocker } from './docker.ts';
import { lockHome } from './lock-home.ts';
import { startMongo } from './mongo.ts';
import type { Report } from './stage.ts';
import { startTemporal } from './temporal.ts';

/** The servers that the product needs on one machine. */
export interface Embedded {
  /** `uiUrl` is undefined for a server that was not started here. */
  temporal: { address: string; uiUrl: string | undefined };
  mongoUri: string;
  baseImage: string;
  /** Rejects with `unavailable` when a server cannot be kept running; never resolves. */
  failed: Promise<never>;
  /** Stops the started servers and unlocks the data directory. */
  stop(): Promise<void>;
}

/**
 * Finds or starts Temporal, MongoDB and the base image in parallel; each reports one line. Started servers are restarted when
 * they exit, and end with this process, even if it is killed. Throws one Fault for everything that is missing; nothing
 * is left running then.
 */
export async function startEmbedded(config: Config, report: Report): Promise<Embedded> {
  const unlock = await lockHome(config.BRIGHTBIRD_HOME);
  const results = await Promise.allSettled([
    startTemporal(config, report),
    startMongo(config, report),
    findDocker(report).then((docker) => ensureBaseImage(config, docker, report)),
  ]);
  const [temporal, mongo, image] = results;
  const servers = [temporal, mongo].filter((result) => result.status === 'fulfilled').map((result) => result.value);
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    unlock();
  };
  if (temporal.status === 'rejected' || mongo.status === 'rejected' || image.status === 'rejected') {
    await stop();
    throw mergeFaults(results.filter((result) => result.status === 'rejected').map((result) => result.reason));
  }
  const failed = Promise.race([temporal.value.failed, mongo.value.failed]);
  // Listening to the rejection is optional.
  failed.catch(() => undefined);
  return {
    temporal: { address: temporal.value.address, uiUrl: temporal.value.uiUrl },
    mongoUri: mongo.value.uri,
    baseImage: image.value,
    failed,
    stop,
  };
}

/** Merges all failures into one Fault. */
function mergeFaults(reasons: unknown[]): unknown {
  const [first, ...others] = reasons;
  if (!(first instanceof Fault) || others.length === 0) return first;
  const faults = reasons.filter((reason) => reason instanceof Fault);
  return new Fault(first.code, faults.map((fault) => fault.message).join('\n'), {
    hint: faults.map((fault) => fault.hint).join('\n  '),
    cause: new AggregateError(reasons),
  });
}

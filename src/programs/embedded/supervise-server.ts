import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../../model/fault.ts';
import { defaultRestartLimits, RestartBudget, type RestartLimits } from './restart-budget.ts';
import { type Report, Stage } from './stage.ts';
import { restartServer, type ServerProgram, type StartedServer } from './start-server.ts';

/** A server that is restarted when it exits unexpectedly. */
export interface SupervisedServer {
  /** Rejects with `unavailable`, the reason and the log path after too many exits; never resolves. */
  failed: Promise<never>;
  stop(): Promise<void>;
}

export interface Supervision {
  /** Display name. */
  name: string;
  /** Stage name in the report. */
  stage: string;
  program: ServerProgram;
  /** Rejects when the server does not answer within `timeoutMs`. */
  probe(timeoutMs: number): Promise<void>;
  report: Report;
  limits?: RestartLimits;
  health?: HealthLimits;
}

/** A server counts as hanging when no probe has succeeded for `maxSilenceMs`. */
interface HealthLimits {
  everyMs: number;
  maxSilenceMs: number;
}

const defaultHealthLimits: HealthLimits = { everyMs: 10_000, maxSilenceMs: 60_000 };

/**
 * Keeps a server running: restarts it with exponential backoff when it exits or fails all probes for a minute. The ports
 * stay the same, so that clients reconnect.
 */
export function superviseServer(first: StartedServer, supervision: Supervision): SupervisedServer {
  const stopping = new AbortController();
  const kept = keepRunning(first, supervision, stopping.signal);
  const failed = kept.then(never);
  // Listening to the rejection is optional.
  failed.catch(() => undefined);
  return {
    failed,
    async stop() {
      stopping.abort();
      await kept.catch(() => undefined); // Reported by `failed`; nothing runs then.
    },
  };
}

/** Restarts the server until `stopping`; throws when the restart budget is used up. */
async function keepRunning(first: StartedServer, supervision: Supervision, stopping: AbortSignal): Promise<void> {
  const { name, stage, program, report, limits = defaultRestartLimits } = supervision;
  const budget = new RestartBudget(limits);
  let server: StartedServer | undefined = first;
  for (let reason = ''; ; ) {
    if (server) reason = await waitForExit(server, supervision, stopping);
    if (stopping.aborted) return server?.stop();
    const pauseMs = budget.take(performance.now());
    if (pauseMs === undefined) throw tooManyExits(name, budget.exits, limits, reason, first.log);
    const line = new Stage(stage, report);
    line.addAttempt(`${reason}; its log is ${first.log}`);
    await delay(pauseMs, undefined, { signal: stopping }).catch(() => undefined);
    if (stopping.aborted) return;
    server = await restartServer(program, first, line);
    if (!server) reason = `${program.title} did not restart`;
    line.done(server ? `${program.title} restarted on 127.0.0.1:${server.port}` : 'it did not restart');
  }
}

/** Waits until the server has exited, or kills it when it hangs. Returns the reason; '' as soon as `stopping` is set. */
async function waitForExit(server: StartedServer, supervision: Supervision, stopping: AbortSignal): Promise<string> {
  const { program, health = defaultHealthLimits } = supervision;
  const watching = new AbortController();
  const signal = AbortSignal.any([watching.signal, stopping]);
  let isHanging = false;
  const hang = waitForSilence(supervision, health, signal).then(() => {
    isHanging = true;
    return server.kill();
  });
  try {
    await Promise.race([server.ended, hang, aborted(stopping)]);
    if (stopping.aborted) return '';
    if (isHanging) return `${program.title} did not respond for ${health.maxSilenceMs / 1000} s and was killed`;
    return `${program.title} exited unexpectedly (exit ${await server.ended})`;
  } finally {
    watching.abort();
  }
}

/** Resolves once no probe has succeeded for `maxSilenceMs`; never after the signal. */
async function waitForSilence({ probe }: Supervision, { everyMs, maxSilenceMs }: HealthLimits, signal: AbortSignal) {
  let respondedAt = performance.now();
  while (performance.now() - respondedAt < maxSilenceMs) {
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return never();
    const probedAt = performance.now();
    await probe(everyMs).then(
      () => {
        respondedAt = probedAt;
      },
      () => undefined, // A failed probe prolongs the silence.
    );
  }
}

function tooManyExits(name: string, ends: number, { windowMs }: RestartLimits, reason: string, log: string): Fault {
  return new Fault('unavailable', `the embedded ${name} exited ${ends} times within ${windowMs / 1000} s: ${reason}`, {
    hint: `see its log ${log}; the previous log (.1) is kept too`,
  });
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

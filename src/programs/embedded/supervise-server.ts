import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../../model/fault.ts';
import { defaultRestartLimits, RestartBudget, type RestartLimits } from './restart-budget.ts';
import { type Report, Stage } from './stage.ts';
import { restartServer, type ServerProgram, type StartedServer } from './start-server.ts';

/** A server that is started again when it ends although nobody stopped it. */
export interface SupervisedServer {
  /** Rejects with `unavailable` when it has ended too often, with the reason and its log; never resolves. */
  failed: Promise<never>;
  stop(): Promise<void>;
}

export interface Supervision {
  /** As users know it, and the name of its lines in the report. */
  name: string;
  stage: string;
  program: ServerProgram;
  /** Rejects when the server does not answer within `timeoutMs`. */
  probe(timeoutMs: number): Promise<void>;
  report: Report;
  limits?: RestartLimits;
  health?: HealthLimits;
}

/** A server that hangs is told from one that is busy by its silence. Times in milliseconds. */
interface HealthLimits {
  everyMs: number;
  maxSilenceMs: number;
}

const defaultHealthLimits: HealthLimits = { everyMs: 10_000, maxSilenceMs: 60_000 };

/**
 * Keeps a server that was started here running: one that ends, or that answers nothing for a minute, is started again on
 * its ports, so that clients find it, after a pause that doubles.
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
      await kept.catch(() => undefined); // It has been told by `failed`, and nothing runs then.
    },
  };
}

/** Resolves when the server has been stopped as asked. */
async function keepRunning(first: StartedServer, supervision: Supervision, stopping: AbortSignal): Promise<void> {
  const { name, stage, program, report, limits = defaultRestartLimits } = supervision;
  const budget = new RestartBudget(limits);
  let server: StartedServer | undefined = first;
  for (let reason = ''; ; ) {
    if (server) reason = await endOf(server, supervision, stopping);
    if (stopping.aborted) return server?.stop();
    const pauseMs = budget.take(performance.now());
    if (pauseMs === undefined) throw givenUp(name, budget.ends, limits, reason, first.log);
    const line = new Stage(stage, report);
    line.tried(`${reason}; its log is ${first.log}`);
    await delay(pauseMs, undefined, { signal: stopping }).catch(() => undefined);
    if (stopping.aborted) return;
    server = await restartServer(program, first, line);
    if (!server) reason = `${program.title} did not start again`;
    line.done(server ? `${program.title} started again on 127.0.0.1:${server.port}` : 'it did not start again');
  }
}

/** Waits until the server has ended or, as it hangs, was killed, and resolves with why; at once when it is to stop. */
async function endOf(server: StartedServer, supervision: Supervision, stopping: AbortSignal): Promise<string> {
  const { program, health = defaultHealthLimits } = supervision;
  const watching = new AbortController();
  const signal = AbortSignal.any([watching.signal, stopping]);
  let hangs = false;
  const hang = silence(supervision, health, signal).then(() => {
    hangs = true;
    return server.kill();
  });
  try {
    await Promise.race([server.ended, hang, aborted(stopping)]);
    if (stopping.aborted) return '';
    if (hangs) return `${program.title} answered nothing for ${health.maxSilenceMs / 1000} s and was killed`;
    return `${program.title} ended unexpectedly (exit ${await server.ended})`;
  } finally {
    watching.abort();
  }
}

/** Resolves once no probe has succeeded for `maxSilenceMs`; never after the signal. */
async function silence({ probe }: Supervision, { everyMs, maxSilenceMs }: HealthLimits, signal: AbortSignal) {
  let answeredAt = performance.now();
  while (performance.now() - answeredAt < maxSilenceMs) {
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return never();
    const askedAt = performance.now();
    await probe(everyMs).then(
      () => {
        answeredAt = askedAt;
      },
      () => undefined, // Its silence is what is measured.
    );
  }
}

function givenUp(name: string, ends: number, { windowMs }: RestartLimits, reason: string, log: string): Fault {
  return new Fault('unavailable', `the embedded ${name} ended ${ends} times within ${windowMs / 1000} s: ${reason}`, {
    hint: `see its log, ${log}; it and the one before it (.1) are kept`,
  });
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Container, ContainerInspectInfo } from 'dockerode';
import { type ProbeResult, probe } from '../../model/engine/probe.ts';
import { describeRestart } from '../../model/engine/service-restart.ts';
import { Fault } from '../../model/fault.ts';
import { dnsName } from '../../model/names.ts';
import type { Replica } from './services-containers.ts';
import type { ServiceRequest } from './services-request.ts';
import { readLastLines } from './services-tail.ts';

const minPauseMs = 25;
const maxPauseMs = 1000;

/**
 * Probes a replica until it is ready, and restarts it as often as its readiness allows. Throws `component_not_ready` at
 * once when its container ends once more, and with the last answer and log lines after the timeout; `port_not_served`
 * if nothing listened on the port.
 */
export async function waitUntilReady(request: ServiceRequest, replica: Replica): Promise<void> {
  const { maxRestarts = 0 } = request.service.readiness;
  const startedAt = performance.now();
  for (let restarts = 0; ; restarts += 1) {
    if (await isReadyBeforeEnd(request, replica, startedAt)) return;
    const { State } = await replica.container.inspect();
    if (restarts === maxRestarts) throw await crashFault(replica, State);
    await request.print(describeRestart(replica.name, State.ExitCode, restarts + 1, maxRestarts));
    await restart(request, replica);
  }
}

/** Waits until the replica is ready, until the timeout after `start`. Returns false once the container has ended. */
async function isReadyBeforeEnd(request: ServiceRequest, replica: Replica, start: number): Promise<boolean> {
  const { service, print, signal } = request;
  const { path, timeoutSeconds } = service.readiness;
  const port = service.readiness.port ?? service.ports[0]?.port ?? 0;
  const target = { address: replica.address, host: dnsName(replica.name), port, path };
  const over = new AbortController();
  const exit = abortOnExit(replica.container, over);
  const any = AbortSignal.any([signal, over.signal]);
  const remainingMs = (): number => start + timeoutSeconds * 1000 - performance.now();
  let served = false;
  let last: ProbeResult | undefined;
  try {
    for (let pause = minPauseMs; remainingMs() > 0; pause = Math.min(pause * 1.5, maxPauseMs)) {
      last = await probe(target, any);
      if (last.ready) {
        await print(
          `${replica.name}: ready after ${((performance.now() - start) / 1000).toFixed(1)} s, ${last.detail}`,
        );
        return true;
      }
      served ||= !last.refused;
      await delay(Math.max(0, Math.min(pause, remainingMs())), undefined, { signal: any });
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!over.signal.aborted) throw error;
    return false;
  } finally {
    over.abort();
    await exit;
  }
  const log = quoteLog(await readLastLines(replica.container));
  if (!served) throw await notServedFault(request, replica, port, log);
  throw new Fault(
    'component_not_ready',
    `${replica.name} was not ready after ${timeoutSeconds} s: ${last?.detail}; its last lines: ${log}`,
    { hint: 'check its log for the cause, or raise readiness.timeoutSeconds' },
  );
}

/** Aborts `over` when the container ends. Resolves once its request to the engine has ended. */
async function abortOnExit(container: Container, over: AbortController): Promise<void> {
  try {
    await container.wait({ abortSignal: over.signal });
    over.abort();
  } catch (error) {
    if (!over.signal.aborted) over.abort(error);
  }
}

/** Starts the container again and updates its address, which the engine may change. */
async function restart({ place }: ServiceRequest, replica: Replica): Promise<void> {
  await replica.container.start();
  const { NetworkSettings } = await replica.container.inspect();
  replica.address = NetworkSettings.Networks[place.network]?.IPAddress ?? '';
}

async function crashFault({ container, name }: Replica, State: ContainerInspectInfo['State']): Promise<Fault> {
  const memory = State.OOMKilled ? ' because it exceeded its memory limit' : '';
  return new Fault(
    'component_not_ready',
    `${name} ended with exit code ${State.ExitCode}${memory} before it was ready; its last lines: ${quoteLog(await readLastLines(container))}`,
  );
}

async function notServedFault({ docker, image }: ServiceRequest, { name }: Replica, port: number, log: string) {
  const { Config } = await docker.getImage(image).inspect();
  const exposed = Object.keys(Config.ExposedPorts ?? {}).map((one) => one.replace(/\/tcp$/, ''));
  return new Fault(
    'port_not_served',
    `${name} does not listen on port ${port}; its image ${image} ${exposed.length > 0 ? `exposes ${exposed.join(', ')}` : 'exposes no port'}; its last lines: ${log}`,
    { hint: 'declare the port that it listens on, and make it listen on all addresses, not only on localhost' },
  );
}

function quoteLog(log: string): string {
  return log === '' ? 'none' : `\n${log}`;
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Container, ContainerInspectInfo } from 'dockerode';
import { type Probe, probe } from '../../model/engine/probe.ts';
import { restarting } from '../../model/engine/service-restart.ts';
import { Fault } from '../../model/fault.ts';
import { dnsName } from '../../model/names.ts';
import type { Replica } from './services-containers.ts';
import type { ServiceRequest } from './services-request.ts';
import { lastLines } from './services-tail.ts';

const shortestPause = 25;
const longestPause = 1000;

/**
 * Asks a replica until it is ready, and starts it again as often as its readiness allows. Throws `component_not_ready` at once when
 * its container ends once more and, with the last answer and the last lines of its log, when the time is over;
 * `port_not_served` when until then nothing listened on the port.
 */
export async function waitUntilReady(request: ServiceRequest, replica: Replica): Promise<void> {
  const { maxRestarts = 0 } = request.service.readiness;
  const begun = performance.now();
  for (let restarts = 0; ; restarts += 1) {
    if (await isReadyBeforeEnd(request, replica, begun)) return;
    const { State } = await replica.container.inspect();
    if (restarts === maxRestarts) throw await crashed(replica, State);
    await request.print(restarting(replica.name, State.ExitCode, restarts + 1, maxRestarts));
    await restart(request, replica);
  }
}

/** Whether it got ready; false once its container has ended. `start` is when its time began. */
async function isReadyBeforeEnd(request: ServiceRequest, replica: Replica, start: number): Promise<boolean> {
  const { service, print, signal } = request;
  const { path, timeoutSeconds } = service.readiness;
  const port = service.readiness.port ?? service.ports[0]?.port ?? 0;
  const target = { address: replica.address, host: dnsName(replica.name), port, path };
  const over = new AbortController();
  const exit = ended(replica.container, over);
  const any = AbortSignal.any([signal, over.signal]);
  const left = (): number => start + timeoutSeconds * 1000 - performance.now();
  let served = false;
  let last: Probe | undefined;
  try {
    for (let pause = shortestPause; left() > 0; pause = Math.min(pause * 1.5, longestPause)) {
      last = await probe(target, any);
      if (last.ready) {
        await print(`${replica.name}: ready after ${((performance.now() - start) / 1000).toFixed(1)} s, ${last.saw}`);
        return true;
      }
      served ||= !last.refused;
      await delay(Math.max(0, Math.min(pause, left())), undefined, { signal: any });
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!over.signal.aborted) throw error;
    return false;
  } finally {
    over.abort();
    await exit;
  }
  const log = quoted(await lastLines(replica.container));
  if (!served) throw await notServed(request, replica, port, log);
  throw new Fault(
    'component_not_ready',
    `${replica.name} was not ready after ${timeoutSeconds} s: ${last?.saw}; its last lines: ${log}`,
    { hint: 'see its log for what it waits for, or raise readiness.timeoutSeconds' },
  );
}

/** Aborts `over` when the container ends. Settles once the engine is not asked any more. */
async function ended(container: Container, over: AbortController): Promise<void> {
  try {
    await container.wait({ abortSignal: over.signal });
    over.abort();
  } catch (error) {
    if (!over.signal.aborted) over.abort(error);
  }
}

/** The engine may give it another address. */
async function restart({ place }: ServiceRequest, replica: Replica): Promise<void> {
  await replica.container.start();
  const { NetworkSettings } = await replica.container.inspect();
  replica.address = NetworkSettings.Networks[place.network]?.IPAddress ?? '';
}

async function crashed({ container, name }: Replica, State: ContainerInspectInfo['State']): Promise<Fault> {
  const memory = State.OOMKilled ? ' because it used more memory than it may' : '';
  return new Fault(
    'component_not_ready',
    `${name} ended with exit code ${State.ExitCode}${memory} before it was ready; its last lines: ${quoted(await lastLines(container))}`,
  );
}

async function notServed({ docker, image }: ServiceRequest, { name }: Replica, port: number, log: string) {
  const { Config } = await docker.getImage(image).inspect();
  const exposed = Object.keys(Config.ExposedPorts ?? {}).map((one) => one.replace(/\/tcp$/, ''));
  return new Fault(
    'port_not_served',
    `${name} does not listen on port ${port}; its image ${image} ${exposed.length > 0 ? `exposes ${exposed.join(', ')}` : 'exposes no port'}; its last lines: ${log}`,
    { hint: 'declare the port that it listens on, and let it listen on all addresses, not on localhost alone' },
  );
}

function quoted(log: string): string {
  return log === '' ? 'none' : `\n${log}`;
}

import { readinessPort } from '../../language/manifests/template-values.ts';
import type { ContainerState } from '../../model/engine/runtime.ts';
import { describeRestart } from '../../model/engine/service-restart.ts';
import { Fault } from '../../model/fault.ts';
import { containerStates } from './container-states.ts';
import type { Pod } from './pod.ts';
import { describeEvents } from './pod-events.ts';
import { readLog } from './read-log.ts';
import type { ServiceRequest } from './service-request.ts';

const [maxLines, maxCharacters] = [20, 2000];

/**
 * Throws when a container of the pod has ended before it was ready, more often than its readiness allows. The cluster
 * restarts it; `reported` has the ends that the step's log already shows.
 */
export async function checkCrashed(request: ServiceRequest, pod: Pod, reported: Set<string>): Promise<void> {
  const names = new Set(pod.spec.containers.map(({ name }) => name));
  const { maxRestarts = 0 } = request.service.readiness;
  const end = containerStates(pod).find((state) => !state.running && names.has(state.pod?.container ?? ''));
  if (!end) return;
  if (end.fault) throw new Fault(end.fault.code, end.fault.message, { hint: end.fault.hint });
  const { restarts = 0, streamId } = end;
  if (restarts < maxRestarts) {
    if (!reported.has(streamId))
      await request.print(describeRestart(end.source, end.exitCode, restarts + 1, maxRestarts));
    reported.add(streamId);
    return;
  }
  const memory = end.outOfMemory ? ' because it exceeded its memory limit' : '';
  const lines = await lastLines(request, end);
  const message = `${end.source} ended with exit code ${end.exitCode}${memory} before it was ready; its last lines: ${lines}`;
  throw new Fault('component_not_ready', message);
}

/** Returns the fault of pods that did not get ready within their timeout; `port_not_served` if nothing listens. */
export async function notReadyFault(request: ServiceRequest, pods: readonly Pod[]): Promise<Fault> {
  const { cluster, service, signal, image } = request;
  const isReady = ({ status }: Pod): boolean => status.containerStatuses.every(({ ready }) => ready);
  const pod = pods.find((one) => !isReady(one));
  const state = pod && containerStates(pod).at(-1);
  if (!pod || !state) return new Fault('component_not_ready', `${request.instance} was not ready in time`);
  const events = await describeEvents(cluster, pod.metadata.uid, signal);
  const lines = await lastLines(request, state);
  // Only the last probe counts: while a program starts, nothing listens yet.
  const lastProbe = events.split('\n').findLast((line) => /probe failed/.test(line)) ?? '';
  if (/connection refused/.test(lastProbe)) {
    const port = readinessPort(service);
    const message = `${state.source} does not listen on port ${port} (image ${image}); its last lines: ${lines}`;
    return new Fault('port_not_served', message, {
      hint: 'declare the port that it listens on, and make it listen on all addresses, not only on localhost',
    });
  }
  const message = `${state.source} was not ready after ${service.readiness.timeoutSeconds} s; its last lines: ${lines}${events}`;
  return new Fault('component_not_ready', message, {
    hint: 'check its log for the cause, or raise readiness.timeoutSeconds',
  });
}

async function lastLines({ cluster, signal }: ServiceRequest, source: ContainerState): Promise<string> {
  const lines: string[] = [];
  try {
    for await (const batch of readLog(cluster, { source, since: undefined, follow: false }, signal)) {
      lines.push(...batch.map(({ text }) => text));
      lines.splice(0, lines.length - maxLines);
    }
  } catch (error) {
    signal.throwIfAborted();
    cluster.log.warn({ err: error }, 'cannot read the last lines of a container');
  }
  const text = lines.join('\n').trimEnd().slice(-maxCharacters);
  return text === '' ? 'none' : `\n${text}`;
}

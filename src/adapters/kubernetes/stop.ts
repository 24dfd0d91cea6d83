import { setTimeout as pause } from 'node:timers/promises';
import type { RunnerRef } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import { isGone } from './api-errors.ts';
import { type Cluster, patiently } from './cluster.ts';
import { containerStates, isOver } from './container-states.ts';
import { type Pod, podSchema } from './pod.ts';

/** Seconds that a node may take beyond the grace. */
const slack = 60;
const never = new AbortController().signal;

/**
 * See Runtime.stop. A deadline that is over ends the pod as a deletion would, but keeps it and its log. One without a
 * container so far has nothing to keep, and its deadline would only begin with its node.
 */
export async function stop(cluster: Cluster, { name, uid }: RunnerRef): Promise<void> {
  const { namespace } = cluster;
  const doing = `stopping ${name}`;
  const find = (): Promise<Pod | undefined> => patiently(cluster, doing, never, () => findPod(cluster, name, uid));
  let pod = await find();
  if (!pod || isOver(pod)) return;
  const started = containerStates(pod).length > 0;
  await patiently(cluster, doing, never, async () => {
    try {
      if (started) await namespace.patch('Pod', name, { metadata: { uid }, spec: { activeDeadlineSeconds: 1 } });
      else await namespace.delete('Pod', name, uid, { graceSeconds: 1 });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  });
  const grace = pod.spec.terminationGracePeriodSeconds ?? 30;
  const deadline = Date.now() + (grace + slack) * 1000;
  for (let wait = 50; pod && !isOver(pod); wait = Math.min(wait * 1.5, 500)) {
    if (Date.now() > deadline) {
      throw new Fault('engine_unavailable', `${name} has not ended ${grace + slack} s after it was told to`, {
        hint: `see whether its node ${pod.spec.nodeName ?? ''} answers`,
      });
    }
    await pause(wait);
    pod = await find();
  }
}

async function findPod({ namespace }: Cluster, name: string, uid: string): Promise<Pod | undefined> {
  try {
    const pod = podSchema.parse(await namespace.get('Pod', name));
    return pod.metadata.uid === uid ? pod : undefined;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import type { RunnerRef } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import { isGone } from './api-errors.ts';
import { type Cluster, retryWhileUnreachable } from './cluster.ts';
import { containerStates, isOver } from './container-states.ts';
import { type Pod, podSchema } from './pod.ts';

/** Time that a node may take beyond the grace period. */
const slackSeconds = 60;
const never = new AbortController().signal;

/**
 * Implements Runtime.stop. An expired deadline ends the pod as a deletion would, but keeps it and its log. A pod that
 * has not started is deleted: it has nothing to keep, and its deadline would only begin on its node.
 */
export async function stopRunner(cluster: Cluster, { name, uid }: RunnerRef): Promise<void> {
  const { namespace } = cluster;
  const action = `stopping ${name}`;
  const find = (): Promise<Pod | undefined> =>
    retryWhileUnreachable(cluster, action, never, () => findPod(cluster, name, uid));
  let pod = await find();
  if (!pod || isOver(pod)) return;
  const started = containerStates(pod).length > 0;
  await retryWhileUnreachable(cluster, action, never, async () => {
    try {
      if (started) await namespace.patch('Pod', name, { metadata: { uid }, spec: { activeDeadlineSeconds: 1 } });
      else await namespace.delete('Pod', name, uid, { graceSeconds: 1 });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  });
  const graceSeconds = pod.spec.terminationGracePeriodSeconds ?? 30;
  const deadline = Date.now() + (graceSeconds + slackSeconds) * 1000;
  for (let wait = 50; pod && !isOver(pod); wait = Math.min(wait * 1.5, 500)) {
    if (Date.now() > deadline) {
      throw new Fault(
        'engine_unavailable',
        `${name} has not ended ${graceSeconds + slackSeconds} s after its stop was requested`,
        {
          hint: `check whether its node ${pod.spec.nodeName ?? ''} is ready`,
        },
      );
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

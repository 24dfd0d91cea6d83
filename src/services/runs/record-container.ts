import type { ContainerState } from '../../model/engine/runtime.ts';
import type { ContainerStore } from '../../model/ports/containers.ts';
import type { RunIdentity } from '../../model/run.ts';

/** Keeps a container as it is now, for those who ask for the task's pods when the runtime has forgotten it. */
export async function recordContainer(
  containers: ContainerStore,
  { taskId, attempt }: RunIdentity,
  { containerId: _id, logRotates: _rotates, name, pod, ...state }: ContainerState,
): Promise<void> {
  await containers.put(taskId, { ...state, attempt, pod: name, ...(pod && { container: pod.container }) });
}

import type { ContainerState } from '../../model/engine/runtime.ts';
import type { ContainerStore } from '../../model/ports/containers.ts';
import type { RunIdentity } from '../../model/run.ts';

/** Records the state of a container, so that the task's pods can be listed after the runtime has removed it. */
export async function recordContainer(
  containers: ContainerStore,
  { taskId, attempt }: RunIdentity,
  { containerId: _id, logRotates: _rotates, name, pod, ...state }: ContainerState,
): Promise<void> {
  await containers.put(taskId, { ...state, attempt, pod: name, ...(pod && { container: pod.container }) });
}

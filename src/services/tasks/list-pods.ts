import type { TaskContainer } from '../../model/container.ts';
import type { ContainerStore } from '../../model/ports/containers.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { requireFound } from '../../model/require-found.ts';
import type { Task } from '../../model/task.ts';
import { isFinal } from '../../model/task-state.ts';
import type { Waiting } from '../../model/waiting.ts';
import { requireLogsRetained } from '../logs/require-logs-retained.ts';

/** `removed`: deleted with its run while it was running. */
export const containerStates = ['running', 'ended', 'removed'] as const;
type PodContainerState = (typeof containerStates)[number];

/** A pod of a task, or a container of a Docker engine. */
export interface TaskPod {
  name: string;
  /** Absent until the pod is created. */
  uid?: string;
  attempt: number;
  role: TaskContainer['role'];
  /** In the order of their starts. */
  containers: (Omit<TaskContainer, 'streamId' | 'attempt' | 'pod' | 'container' | 'role' | 'running'> & {
    id: string;
    name: string;
    state: PodContainerState;
  })[];
  /** Reason why its containers do not start or restart. */
  waiting?: Waiting;
}

/**
 * Lists the pods of a task with their containers, as recorded by the follower, and the pods that wait to start. Reads records
 * only, so it works while the engine is unreachable and after the task has ended. Faults: not_found, gone.
 */
export async function listPods(
  { tasks, containers }: { tasks: TaskStore; containers: ContainerStore },
  taskId: string,
): Promise<TaskPod[]> {
  const task = requireLogsRetained(requireFound(await tasks.summary(taskId), `task ${taskId}`), 'task');
  const [listed, waiting] = await Promise.all([containers.list(taskId), tasks.waits(taskId)]);
  const all = listed.sort((one, other) => sortKey(one).localeCompare(sortKey(other)));
  const pods = new Map<string, TaskPod>();
  for (const container of all) {
    const { streamId, attempt, pod: name, container: inner, role, running, fault, ...shown } = container;
    const [uid = '', id = ''] = streamId.split('/');
    const pod = pods.get(uid) ?? { name, uid, attempt, role, containers: [] };
    pods.set(uid, pod);
    // The runner's pod may have other containers besides the runner's own.
    if (role === 'runner') pod.role = role;
    // A runner is stopped by its deadline (docs/contribute/decisions/0006): not a fault if the task was stopped.
    const isFault = fault && !(fault.code === 'run_timeout' && task.outcome === 'stopped');
    pod.containers.push({
      id,
      name: inner ?? name,
      state: stateOf(task, container),
      ...shown,
      ...(isFault && { fault }),
    });
  }
  return withWaits([...pods.values()], waiting);
}

function withWaits(pods: TaskPod[], { attempt, waits }: Awaited<ReturnType<TaskStore['waits']>>): TaskPod[] {
  for (const { pod, ...waiting } of waits) {
    if (!pod) continue;
    const known = pods.find(({ name, uid }) => (pod.uid === undefined ? name === pod.name : uid === pod.uid));
    if (known) known.waiting ??= waiting;
    else pods.push({ ...pod, attempt, containers: [], waiting });
  }
  return pods;
}

/** Returns the sort key: attempt, start time (whole seconds on a cluster), name. */
function sortKey({ attempt, startedAt = '', pod }: TaskContainer): string {
  return `${String(attempt).padStart(6, '0')} ${startedAt} ${pod}`;
}

function stateOf(task: Pick<Task, 'state' | 'attempt'>, { running, attempt }: TaskContainer): PodContainerState {
  if (!running) return 'ended';
  return isFinal(task.state) || attempt < task.attempt ? 'removed' : 'running';
}

import type { TaskContainer } from '../../model/container.ts';
import { found } from '../../model/found.ts';
import type { ContainerStore } from '../../model/ports/containers.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import type { Task } from '../../model/task.ts';
import { isFinal } from '../../model/task-state.ts';
import type { Waiting } from '../../model/waiting.ts';
import { kept } from '../logs/kept.ts';

/** `removed` with its run, while it still ran. */
export const containerStates = ['running', 'ended', 'removed'] as const;
type PodContainerState = (typeof containerStates)[number];

/** A pod of a task, or a container of a Docker engine. */
export interface TaskPod {
  name: string;
  /** Absent while it is not made, which is waited for. */
  uid?: string;
  attempt: number;
  role: TaskContainer['role'];
  /** In the order of their starts. */
  containers: (Omit<TaskContainer, 'streamId' | 'attempt' | 'pod' | 'container' | 'role' | 'running'> & {
    id: string;
    name: string;
    state: PodContainerState;
  })[];
  /** What keeps its containers from running, or from running again. */
  waiting?: Waiting;
}

/**
 * The pods of a task with their containers, as the follower has recorded them, and those that wait to begin: nobody is asked, so
 * it is the same while an engine is away and after the task has ended. Faults: not_found, gone.
 */
export async function listPods(
  { tasks, containers }: { tasks: TaskStore; containers: ContainerStore },
  taskId: string,
): Promise<TaskPod[]> {
  const task = kept(found(await tasks.summary(taskId), `task ${taskId}`), 'task');
  const [listed, waiting] = await Promise.all([containers.list(taskId), tasks.waits(taskId)]);
  const all = listed.sort((one, other) => order(one).localeCompare(order(other)));
  const pods = new Map<string, TaskPod>();
  for (const container of all) {
    const { streamId, attempt, pod: name, container: inner, role, running, fault, ...shown } = container;
    const [uid = '', id = ''] = streamId.split('/');
    const pod = pods.get(uid) ?? { name, uid, attempt, role, containers: [] };
    pods.set(uid, pod);
    // Beside the runner's own container, its pod may have others.
    if (role === 'runner') pod.role = role;
    // A runner is stopped by its deadline (docs/contribute/decisions/0006): of a task that was stopped that is no fault.
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

/** By attempt, then by start, of which a cluster knows the second only, then by name. */
function order({ attempt, startedAt = '', pod }: TaskContainer): string {
  return `${String(attempt).padStart(6, '0')} ${startedAt} ${pod}`;
}

function stateOf(task: Pick<Task, 'state' | 'attempt'>, { running, attempt }: TaskContainer): PodContainerState {
  if (!running) return 'ended';
  return isFinal(task.state) || attempt < task.attempt ? 'removed' : 'running';
}

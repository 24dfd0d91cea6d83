import type { ArtifactStore } from '../../model/ports/artifacts.ts';
import type { BuildStore } from '../../model/ports/builds.ts';
import type { ContainerStore } from '../../model/ports/containers.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import type { OutputStore } from '../../model/ports/outputs.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import type { Task } from '../../model/task.ts';
import { forgetTask } from '../builds/forget-task.ts';

export interface RemoveLogsPorts {
  logs: LogStore;
  outputs: OutputStore;
  artifacts: ArtifactStore;
  containers: ContainerStore;
}

export interface RemoveTaskPorts extends RemoveLogsPorts {
  tasks: TaskStore;
  flows: FlowStore;
  builds: BuildStore;
}

/** Removes everything of a task but its record: logs, files, outputs and containers. Idempotent. */
export async function removeLogs(
  { logs, outputs, artifacts, containers }: RemoveLogsPorts,
  { id, attempt }: Pick<Task, 'id' | 'attempt'>,
): Promise<void> {
  await logs.delete(id);
  await outputs.delete(id, attempt);
  await artifacts.delete(id, attempt);
  await containers.delete(id);
}

/** Removes everything of a task, its record last, so that an interrupted removal is found and resumed. */
export async function removeTask(
  ports: RemoveTaskPorts,
  task: Pick<Task, 'id' | 'attempt' | 'testFlowId'>,
): Promise<void> {
  await removeLogs(ports, task);
  await forgetTask(ports, task.id);
  await forgetFlow(ports, task);
  await ports.tasks.delete(task.id);
}

/** Removes the kept revisions of a deleted flow with its last task. */
async function forgetFlow({ tasks, flows }: RemoveTaskPorts, { id, testFlowId }: Pick<Task, 'id' | 'testFlowId'>) {
  const { items } = await tasks.list({ testFlowId }, { limit: 2 });
  if (items.every((task) => task.id === id)) await flows.forget(testFlowId);
}

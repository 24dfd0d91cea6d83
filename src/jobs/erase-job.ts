import { forgetTask } from '../builds/forget-task.ts';
import type { LogStore } from '../model/log.ts';
import type { ArtifactStore, BisectStore, BuildStore, JobStore, OutputStore, TaskStore } from '../model/ports.ts';

export interface EraseJobPorts {
  jobs: JobStore;
  tasks: TaskStore;
  logs: LogStore;
  outputs: OutputStore;
  artifacts: ArtifactStore;
  builds: BuildStore;
  bisects: BisectStore;
}

/** Removes the tasks of a job with their logs, outputs and files, its bisects, and last the job. One that was interrupted goes on. */
export async function eraseJob(ports: EraseJobPorts, jobId: string): Promise<void> {
  for (;;) {
    const { items } = await ports.tasks.list({ jobId }, { limit: 100 });
    if (items.length === 0) break;
    for (const task of items) {
      await ports.logs.delete(task.id);
      await forgetTask(ports, task.id);
      await ports.outputs.delete(task.id, task.attempt);
      await ports.artifacts.delete(task.id, task.attempt);
      await ports.tasks.delete(task.id);
    }
  }
  await ports.bisects.deleteOf(jobId);
  await ports.jobs.delete(jobId);
}

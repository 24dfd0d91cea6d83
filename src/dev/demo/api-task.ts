import type { Task } from '../../model/task.ts';

/** A task as the API gives it: times are texts. */
export type ApiTask = Omit<Task, 'times'> & { times: Record<string, string | undefined> };

import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { attributes } from '../search-attributes.ts';
import { detailsOf } from './details.ts';
import type { TaskRun } from './task-run.ts';

/** Makes the run's state readable in Temporal: a search attribute to list by, and the steps as a table. */
export function show(run: TaskRun): void {
  upsertSearchAttributes([
    { key: attributes.state, value: run.state },
    ...(run.testId ? [{ key: attributes.testId, value: run.testId }] : []),
  ]);
  setCurrentDetails(detailsOf(run));
}

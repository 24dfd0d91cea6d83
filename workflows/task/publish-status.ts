import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { attributes } from '../search-attributes.ts';
import { detailsOf } from './details.ts';
import type { TaskRun } from './task-run.ts';

/** Publishes the state of a run in Temporal: as search attributes, and as current details with a table of its steps. */
export function publishStatus(run: TaskRun): void {
  upsertSearchAttributes([
    { key: attributes.state, value: run.state },
    ...(run.testId ? [{ key: attributes.testId, value: run.testId }] : []),
  ]);
  setCurrentDetails(detailsOf(run));
}

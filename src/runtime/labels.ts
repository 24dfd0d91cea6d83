import { annotationNames, labelNames, type RunIdentity } from '../model/run.ts';

/** What an object of a run is: part of the label `brightbird.dev/role`, and of `apptype` as the original has it. */
export type Role = 'runner' | 'component';
export const roleLabel = 'brightbird.dev/role';
/** Name that a container's log is shown under. */
export const sourceLabel = 'brightbird.dev/source';

/** Labels of everything that a run makes on Docker, where there are no annotations. */
export function runLabels(run: RunIdentity, role: Role): Record<string, string> {
  return {
    [labelNames.testId]: run.testId,
    [labelNames.appType]: role === 'runner' ? 'testrunner' : 'component',
    [labelNames.retry]: String(run.attempt),
    [labelNames.installation]: run.installation,
    [annotationNames.task]: run.taskId,
    [annotationNames.workflow]: run.workflowId,
    [annotationNames.run]: run.runId,
    [annotationNames.attempt]: String(run.attempt),
    [roleLabel]: role,
  };
}

/** Identity of an attempt in a Temporal run of a task; written on every object that belongs to it. */
export interface RunIdentity {
  taskId: string;
  testId: string;
  attempt: number;
  workflowId: string;
  runId: string;
  /** Id of the installation that the task belongs to. */
  installation: string;
}

/** Labels on every object of a run. */
export const labelNames = {
  testId: 'testid',
  appType: 'apptype',
  retry: 'retry',
  installation: 'brightbird.dev/installation',
} as const;

/** Annotations on Kubernetes, labels on Docker: the creator of an object. */
export const annotationNames = {
  task: 'brightbird.dev/task',
  workflow: 'brightbird.dev/workflow-id',
  run: 'brightbird.dev/run-id',
  attempt: 'brightbird.dev/attempt',
} as const;

/** Returns the annotations that identify the creator of an object. */
export function runAnnotations(run: RunIdentity): Record<string, string> {
  return {
    [annotationNames.task]: run.taskId,
    [annotationNames.workflow]: run.workflowId,
    [annotationNames.run]: run.runId,
    [annotationNames.attempt]: String(run.attempt),
  };
}

/** Returns the runner's name: `test-runner-<testId>`, from attempt 2 on with `-<attempt>`. */
export function runnerName(run: Pick<RunIdentity, 'testId' | 'attempt'>): string {
  return `test-runner-${run.testId}${run.attempt > 1 ? `-${run.attempt}` : ''}`;
}

/** Task queues, one per class of work, so that none can starve another. */
export const queues = {
  control: 'brightbird',
  build: 'brightbird-build',
  runner: 'brightbird-runner',
  cleanup: 'brightbird-cleanup',
} as const;
/** Queue of quick lookups in repositories and images by the workers of `build`, which must not wait for a free slot. */
export const lookupQueue = 'brightbird-look';
export type QueueName = keyof typeof queues;
export const queueNames = Object.keys(queues) as readonly QueueName[];

/** Workflow ids are business keys, so that Temporal itself refuses a second one. */
export const jobWorkflowId = (jobId: string): string => `job/${jobId}`;
/** Returns `build/<image>:<tag>` for the build of an image; see `buildId`. */
export const buildWorkflowId = (buildId: string): string => `build/${buildId}`;
export const bisectWorkflowId = (bisectId: string): string => `bisect/${bisectId}`;
export const sweepWorkflowId = (taskId: string): string => `sweep/${taskId}`;
/** Ids of schedules: one per cron job, and the janitor's. */
export const scheduleId = (jobId: string): string => `cron/${jobId}`;
export const janitorScheduleId = 'brightbird-janitor';
export const taskWorkflowId = (taskId: string): string => `task/${taskId}`;

/** Search attributes of jobs and tasks, all of type Keyword; registered at boot, before workers start. */
export const searchAttributeNames = {
  job: 'BrightBirdJob',
  flow: 'BrightBirdFlow',
  state: 'BrightBirdState',
  testId: 'BrightBirdTestId',
  trigger: 'BrightBirdTrigger',
} as const;

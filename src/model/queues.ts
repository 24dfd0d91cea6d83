/** Task queues, one a class of work, so that none can starve another. */
export const queues = {
  control: 'brightbird',
  build: 'brightbird-build',
  runner: 'brightbird-runner',
  cleanup: 'brightbird-cleanup',
} as const;
/** Quick looks at repositories and images by the workers of `build`: they must not wait until a slot is free. */
export const lookQueue = 'brightbird-look';
export type QueueName = keyof typeof queues;
export const queueNames = Object.keys(queues) as readonly QueueName[];

/** Workflow ids are business keys, so that Temporal itself refuses a second one. */
export const jobWorkflowId = (jobId: string): string => `job/${jobId}`;
/** `build/<image>:<tag>`, of an image's build; see `buildId`. */
export const buildWorkflowId = (buildId: string): string => `build/${buildId}`;
export const bisectWorkflowId = (bisectId: string): string => `bisect/${bisectId}`;
export const sweepWorkflowId = (taskId: string): string => `sweep/${taskId}`;
/** Ids of schedules: one of every cron job, and the janitor's. */
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

export { bisect } from './bisect/bisect.ts';
export { build } from './build/build.ts';
export { janitor } from './janitor/janitor.ts';
export { sweep } from './janitor/sweep.ts';
export { fire } from './job/fire.ts';
export { job } from './job/job.ts';
export { task } from './task/task.ts';

export { bisect } from './bisect.ts';
export { build } from './build.ts';
export { fire } from './fire.ts';
export { janitor } from './janitor.ts';
export { job } from './job.ts';
export { sweep } from './sweep.ts';
export { task } from './task.ts';

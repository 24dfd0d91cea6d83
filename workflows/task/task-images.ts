import type { Versions } from '../../src/model/job.ts';

export interface TaskImages {
  commits: Versions;
  images: Versions;
}

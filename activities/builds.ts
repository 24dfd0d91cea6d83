import { activityInfo } from '@temporalio/activity';
import type { BuildActivities } from '../src/model/activities.ts';
import { type EnsureImagePorts, ensureImage } from '../src/tasks/ensure-image.ts';
import { alive } from './alive.ts';
import { execution } from './execution.ts';

/** Activities on git repositories and images; they run on the build slots. */
export function createBuildActivities(ports: EnsureImagePorts): BuildActivities {
  return {
    async resolveCommit({ repo, version }) {
      return alive(async ({ cancellationSignal }) => {
        const { commit } = await ports.repositories.resolve(repo, version, cancellationSignal);
        return commit;
      });
    },

    async newestTag({ repo, pattern }) {
      return alive(({ cancellationSignal }) => ports.repositories.newestTag(repo, pattern, cancellationSignal));
    },

    async ensureImage(input) {
      const { attempt: tried } = activityInfo();
      const build = `build/${input.taskId}/${execution().runId}/${input.plugin}/${tried}`;
      return alive(({ cancellationSignal }) => ensureImage(ports, { ...input, build }, cancellationSignal));
    },
  };
}

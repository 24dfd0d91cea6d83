import { activityInfo } from '@temporalio/activity';
import type { BuildActivities } from '../src/model/activities.ts';
import { beginBuild } from '../src/services/builds/begin-build.ts';
import { endBuild } from '../src/services/builds/end-build.ts';
import { type JoinBuildPorts, joinBuild } from '../src/services/builds/join-build.ts';
import { type RunBuildPorts, runBuild } from '../src/services/builds/run-build.ts';
import { currentExecution } from './execution.ts';
import { withHeartbeat } from './with-heartbeat.ts';

export type BuildActivityPorts = JoinBuildPorts & RunBuildPorts;

/** Creates the activities on git repositories and images; buildImage takes a build slot, the others do not. */
export function createBuildActivities(ports: BuildActivityPorts): BuildActivities {
  return {
    async resolveCommit({ repo, version }) {
      return withHeartbeat(async ({ cancellationSignal }) => {
        const { commit } = await ports.repositories.resolve(repo, version, cancellationSignal);
        return commit;
      });
    },

    listCommits: ({ repo, good, bad }) =>
      withHeartbeat(({ cancellationSignal }) => ports.repositories.firstParents(repo, good, bad, cancellationSignal)),
    describeCommit: ({ repo, commit }) =>
      withHeartbeat(({ cancellationSignal }) => ports.repositories.commitInfo(repo, commit, cancellationSignal)),
    newestTag: ({ repo, pattern }) =>
      withHeartbeat(({ cancellationSignal }) => ports.repositories.newestTag(repo, pattern, cancellationSignal)),
    joinBuild: (request) =>
      withHeartbeat(({ cancellationSignal }) => joinBuild(ports, request, currentExecution(), cancellationSignal)),
    beginBuild: (input) =>
      withHeartbeat(({ cancellationSignal }) => beginBuild(ports, input, currentExecution().runId, cancellationSignal)),

    async buildImage(input) {
      const run = { runId: currentExecution().runId, tried: activityInfo().attempt };
      return withHeartbeat(({ cancellationSignal }) => runBuild(ports, input, run, cancellationSignal));
    },

    endBuild: (end) => withHeartbeat(() => endBuild(ports, end, currentExecution().runId)),
  };
}

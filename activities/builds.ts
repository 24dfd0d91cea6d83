import { activityInfo } from '@temporalio/activity';
import type { BuildActivities } from '../src/model/activities.ts';
import { beginBuild } from '../src/services/builds/begin-build.ts';
import { endBuild } from '../src/services/builds/end-build.ts';
import { type JoinBuildPorts, joinBuild } from '../src/services/builds/join-build.ts';
import { type RunBuildPorts, runBuild } from '../src/services/builds/run-build.ts';
import { alive } from './alive.ts';
import { execution } from './execution.ts';

export type BuildActivityPorts = JoinBuildPorts & RunBuildPorts;

/** Activities on git repositories and images; buildImage runs on the build slots, the others beside them. */
export function createBuildActivities(ports: BuildActivityPorts): BuildActivities {
  return {
    async resolveCommit({ repo, version }) {
      return alive(async ({ cancellationSignal }) => {
        const { commit } = await ports.repositories.resolve(repo, version, cancellationSignal);
        return commit;
      });
    },

    listCommits: ({ repo, good, bad }) =>
      alive(({ cancellationSignal }) => ports.repositories.firstParents(repo, good, bad, cancellationSignal)),
    describeCommit: ({ repo, commit }) =>
      alive(({ cancellationSignal }) => ports.repositories.commitInfo(repo, commit, cancellationSignal)),
    newestTag: ({ repo, pattern }) =>
      alive(({ cancellationSignal }) => ports.repositories.newestTag(repo, pattern, cancellationSignal)),
    joinBuild: (request) =>
      alive(({ cancellationSignal }) => joinBuild(ports, request, execution(), cancellationSignal)),
    beginBuild: (input) =>
      alive(({ cancellationSignal }) => beginBuild(ports, input, execution().runId, cancellationSignal)),

    async buildImage(input) {
      const run = { runId: execution().runId, tried: activityInfo().attempt };
      return alive(({ cancellationSignal }) => runBuild(ports, input, run, cancellationSignal));
    },

    endBuild: (end) => alive(() => endBuild(ports, end, execution().runId)),
  };
}

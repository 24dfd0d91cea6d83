import type { Runtime } from '../../model/engine/runtime.ts';
import { removeAll } from './cleanup.ts';
import { createRunner } from './create-runner.ts';
import { type Engine, inTime } from './engine.ts';
import { engineFault, isGone, isUnchanged } from './engine-errors.ts';
import { listEverything, listObjects } from './objects.ts';
import { readLog } from './read-log.ts';
import { restart } from './restart.ts';
import { watch } from './watch.ts';

export type DockerRuntimeParts = Pick<Engine, 'docker' | 'log' | 'registry'> & Partial<Engine>;

/** Runners and components as containers of one Docker engine. */
export function createDockerRuntime(parts: DockerRuntimeParts): Runtime {
  const engine: Engine = { patienceSeconds: 60, answerSeconds: 30, startSeconds: 5, ...parts };
  const { docker } = engine;
  return {
    kind: 'docker',
    async ping(signal) {
      const asked = inTime(engine, signal, (abortSignal) => docker.listContainers({ limit: 1, abortSignal }));
      await asFaults('asking whether it answers', asked);
    },
    createRunner: (spec, signal, onWaits) =>
      asFaults(`creating the runner of task ${spec.taskId}`, createRunner(engine, spec, signal, onWaits)),
    watch: (run, signal, onWaits) => watch(engine, run, signal, onWaits),
    readLog: ({ containerId }, since, signal, { follow = true } = {}) =>
      readLog(engine, { containerId, since, follow }, signal),
    restart: (runner, finishedAt) => asFaults(`restarting ${runner.name}`, restart(docker, runner, finishedAt)),
    stop: (runner) =>
      asFaults(
        `stopping ${runner.name}`,
        docker
          .getContainer(runner.uid)
          .stop()
          .catch((error: unknown) => {
            if (!isGone(error) && !isUnchanged(error)) throw error;
          }),
      ),
    cleanup: (scope, signal) =>
      asFaults(
        `cleaning up test ${scope.testId}`,
        removeAll(docker, () => listObjects(docker, scope, signal), signal),
      ),
    everything: () => asFaults('listing the objects of all tests', listEverything(docker)),
    objects: (testId) => asFaults(`listing the objects of test ${testId}`, listObjects(docker, { testId })),
  };
}

async function asFaults<T>(doing: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw engineFault(error, doing);
  }
}

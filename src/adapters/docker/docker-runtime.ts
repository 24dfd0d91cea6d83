import type { Runtime } from '../../model/engine/runtime.ts';
import { removeObjects } from './cleanup.ts';
import { createRunner } from './create-runner.ts';
import { type Engine, withTimeout } from './engine.ts';
import { engineFault, isGone, isNotModified } from './engine-errors.ts';
import { listAllObjects, listObjects } from './objects.ts';
import { readLog } from './read-log.ts';
import { restartRunner } from './restart.ts';
import { watch } from './watch.ts';

export type DockerRuntimeParts = Pick<Engine, 'docker' | 'log' | 'registry'> & Partial<Engine>;

/** Creates a runtime that runs runners and components as containers of one Docker engine. */
export function createDockerRuntime(parts: DockerRuntimeParts): Runtime {
  const engine: Engine = { unreachableTimeoutSeconds: 60, answerTimeoutSeconds: 30, startTimeoutSeconds: 5, ...parts };
  const { docker } = engine;
  return {
    kind: 'docker',
    async ping(signal) {
      const asked = withTimeout(engine, signal, (abortSignal) => docker.listContainers({ limit: 1, abortSignal }));
      await toFaults('checking that the engine answers', asked);
    },
    createRunner: (spec, signal, onWaits) =>
      toFaults(`creating the runner of task ${spec.taskId}`, createRunner(engine, spec, signal, onWaits)),
    watch: (run, signal, onWaits) => watch(engine, run, signal, onWaits),
    readLog: ({ containerId }, since, signal, { follow = true } = {}) =>
      readLog(engine, { containerId, since, follow }, signal),
    restart: (runner, finishedAt) => toFaults(`restarting ${runner.name}`, restartRunner(docker, runner, finishedAt)),
    stop: (runner) =>
      toFaults(
        `stopping ${runner.name}`,
        docker
          .getContainer(runner.uid)
          .stop()
          .catch((error: unknown) => {
            if (!isGone(error) && !isNotModified(error)) throw error;
          }),
      ),
    cleanup: (scope, signal) =>
      toFaults(
        `cleaning up test ${scope.testId}`,
        removeObjects(docker, () => listObjects(docker, scope, signal), signal),
      ),
    listAllObjects: () => toFaults('listing the objects of all tests', listAllObjects(docker)),
    listObjects: (testId) => toFaults(`listing the objects of test ${testId}`, listObjects(docker, { testId })),
  };
}

/** Converts errors of the engine to faults whose messages begin with the action. */
async function toFaults<T>(action: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw engineFault(error, action);
  }
}

import type { Runtime } from '../../model/engine/runtime.ts';
import { createApi } from './api.ts';
import { apiFault } from './api-errors.ts';
import { checkNamespace } from './check-namespace.ts';
import { removeAll } from './cleanup.ts';
import { type Cluster, patience } from './cluster.ts';
import type { Connection } from './connection.ts';
import { createRunner } from './create-runner.ts';
import { listEverything, listObjects } from './objects.ts';
import { readLog } from './read-log.ts';
import { Namespace } from './resources.ts';
import { stop } from './stop.ts';
import { watch } from './watch.ts';

export interface KubernetesRuntimeParts extends Partial<Omit<Cluster, 'namespace' | 'log'>> {
  connection: Connection;
  namespace: string;
  log: Cluster['log'];
}

/** Runners as Pods and components as StatefulSets in one namespace of a cluster, which itself starts again what crashes. */
export function createKubernetesRuntime({ connection, namespace: name, ...parts }: KubernetesRuntimeParts): Runtime {
  const namespace = new Namespace(createApi(connection), name);
  const cluster: Cluster = { ...patience, serviceAccount: 'brightbird-runner', ...parts, namespace };
  return {
    kind: 'kubernetes',
    check: (signal) => asFaults(`looking at namespace ${name} of the cluster`, checkNamespace(namespace, signal)),
    dryRun: ({ kind, manifest }, signal) => asFaults(`trying a ${kind}`, namespace.dryRun(kind, manifest, signal)),
    createRunner: (spec, signal, onWaits) =>
      asFaults(`creating the runner of task ${spec.taskId}`, createRunner(cluster, spec, signal, onWaits)),
    watch: (run, signal, onWaits) => watch(cluster, run, signal, onWaits),
    readLog: (source, since, signal, { follow = true } = {}) => readLog(cluster, { source, since, follow }, signal),
    stop: (runner) => asFaults(`stopping ${runner.name}`, stop(cluster, runner)),
    cleanup: (scope, signal) =>
      asFaults(
        `cleaning up test ${scope.testId}`,
        removeAll(cluster, () => listObjects(namespace, scope, signal), signal),
      ),
    everything: () => asFaults('listing the objects of all tests', listEverything(namespace)),
    objects: (testId) =>
      asFaults(
        `listing the objects of test ${testId}`,
        listObjects(namespace, { testId }).then((all) => all.map(({ metadata: _metadata, ...object }) => object)),
      ),
  };
}

async function asFaults<T>(doing: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw apiFault(error, doing);
  }
}

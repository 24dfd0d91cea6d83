import type { Runtime } from '../../model/engine/runtime.ts';
import { createApi } from './api.ts';
import { apiFault } from './api-errors.ts';
import { checkNamespace } from './check-namespace.ts';
import { removeObjects } from './cleanup.ts';
import { type Cluster, defaultTimeouts } from './cluster.ts';
import type { Connection } from './connection.ts';
import { createRunner } from './create-runner.ts';
import { listAllObjects, listObjects } from './objects.ts';
import { readLog } from './read-log.ts';
import { Namespace } from './resources.ts';
import { stopRunner } from './stop.ts';
import { watch } from './watch.ts';

export interface KubernetesRuntimeParts extends Partial<Omit<Cluster, 'namespace' | 'log'>> {
  connection: Connection;
  namespace: string;
  log: Cluster['log'];
}

/** Creates a runtime with runners as Pods and components as StatefulSets of a namespace. The cluster restarts both. */
export function createKubernetesRuntime({ connection, namespace: name, ...parts }: KubernetesRuntimeParts): Runtime {
  const namespace = new Namespace(createApi(connection), name);
  const cluster: Cluster = { ...defaultTimeouts, serviceAccount: 'brightbird-runner', ...parts, namespace };
  return {
    kind: 'kubernetes',
    check: (signal) => toFaults(`checking namespace ${name} of the cluster`, checkNamespace(namespace, signal)),
    dryRun: ({ kind, manifest }, signal) => toFaults(`dry run of a ${kind}`, namespace.dryRun(kind, manifest, signal)),
    createRunner: (spec, signal, onWaits) =>
      toFaults(`creating the runner of task ${spec.taskId}`, createRunner(cluster, spec, signal, onWaits)),
    watch: (run, signal, onWaits) => watch(cluster, run, signal, onWaits),
    readLog: (source, since, signal, { follow = true } = {}) => readLog(cluster, { source, since, follow }, signal),
    stop: (runner) => toFaults(`stopping ${runner.name}`, stopRunner(cluster, runner)),
    cleanup: (scope, signal) =>
      toFaults(
        `cleaning up test ${scope.testId}`,
        removeObjects(cluster, () => listObjects(namespace, scope, signal), signal),
      ),
    listAllObjects: () => toFaults('listing the objects of all tests', listAllObjects(namespace)),
    listObjects: (testId) =>
      toFaults(
        `listing the objects of test ${testId}`,
        listObjects(namespace, { testId }).then((all) => all.map(({ metadata: _metadata, ...object }) => object)),
      ),
  };
}

/** Converts errors of the API server to faults whose messages begin with the action. */
async function toFaults<T>(action: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw apiFault(error, action);
  }
}

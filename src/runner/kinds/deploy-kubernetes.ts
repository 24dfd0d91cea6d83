import { readFile } from 'node:fs/promises';
import { type Cluster, defaultTimeouts } from '../../adapters/kubernetes/cluster.ts';
import type { ServiceRequest } from '../../adapters/kubernetes/service-request.ts';
import { deployService } from '../../adapters/kubernetes/services.ts';
import { templateNames } from '../../language/manifests/template-kinds.ts';
import { Fault } from '../../model/fault.ts';
import type { DeployService } from './deployer.ts';
import { runnerNamespace } from './runner-namespace.ts';

const folder = new URL('../../../templates/', import.meta.url);

/** Deploys a service as ConfigMap, Service and StatefulSet in the runner's namespace. */
export const deployOnKubernetes: DeployService = async (
  { work, step, input, mysql, output, signal },
  service,
  image,
) => {
  const { runtime: marks, testId, attempt, registry, namespace } = work;
  if (marks.kind !== 'kubernetes') throw new Fault('internal', 'the run is not in a cluster');
  const cluster: Cluster = {
    ...defaultTimeouts,
    namespace: await runnerNamespace(namespace),
    log: { warn: (data, message) => void output.write('err', `${message}: ${describe(data)}\n`) },
    serviceAccount: '',
  };
  const { instance } = step;
  const templates = { ...(await readDefaultTemplates()), ...step.def.templates };
  const { print, tellWait } = output;
  return deployService({
    cluster,
    marks,
    testId,
    attempt,
    instance,
    registry,
    image,
    service,
    input,
    ...(mysql && { mysqlDSN: mysql.dsn }),
    templates,
    print,
    tellWait,
    signal,
  });
};

async function readDefaultTemplates(): Promise<ServiceRequest['templates']> {
  const read = templateNames.map(async (name) => [name, await readFile(new URL(`${name}.yaml`, folder), 'utf8')]);
  return Object.fromEntries(await Promise.all(read));
}

function describe({ err, ...data }: { err?: unknown }): string {
  return err === undefined ? JSON.stringify(data) : String(err);
}

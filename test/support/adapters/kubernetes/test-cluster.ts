import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import Docker from 'dockerode';
import { pushImage } from '../../../../src/adapters/images/push-image.ts';
import { type Api, createApi } from '../../../../src/adapters/kubernetes/api.ts';
import { ApiError } from '../../../../src/adapters/kubernetes/api-errors.ts';
import type { Connection } from '../../../../src/adapters/kubernetes/connection.ts';
import { connectKubeconfig } from '../../../../src/adapters/kubernetes/kubeconfig.ts';
import { Namespace } from '../../../../src/adapters/kubernetes/resources.ts';
import { importBusybox } from '../docker/busybox-image.ts';

const { KUBECONFIG, REGISTRY } = process.env;

/** Reason why the tests on a cluster cannot run here; undefined when they can. */
export const noCluster = await checkCluster();

async function checkCluster(): Promise<string | undefined> {
  const missing = Object.entries({ KUBECONFIG, REGISTRY }).filter(([, value]) => !value);
  if (missing.length > 0) return `${missing.map(([name]) => name).join(' and ')} not set`;
  try {
    await createApi(connectKubeconfig(KUBECONFIG)).call({ path: '/version' });
    return undefined;
  } catch (error) {
    return `the cluster of KUBECONFIG does not answer: ${String(error)}`;
  }
}
// Not by console, which jest hides for files whose tests are all skipped.
if (noCluster) process.stderr.write(`SKIPPED: the tests on a Kubernetes cluster, as ${noCluster}\n`);

/** Namespace of a test in the cluster of KUBECONFIG, with a shell image in the registry of REGISTRY. */
export class TestCluster {
  readonly connection: Connection;
  readonly api: Api;
  readonly namespace: Namespace;
  readonly image: string;
  readonly #docker = new Docker();

  private constructor(name: string) {
    this.connection = connectKubeconfig(KUBECONFIG);
    this.api = createApi(this.connection);
    this.namespace = new Namespace(this.api, name);
    this.image = `${REGISTRY}/${name}:1`;
  }

  static async start(): Promise<TestCluster> {
    const cluster = new TestCluster(`brightbird-test-${randomBytes(4).toString('hex')}`);
    const { api, namespace, image } = cluster;
    await importBusybox(cluster.#docker, image.replace(/:1$/, ''));
    await pushImage(cluster.#docker, image, undefined);
    const metadata = { name: namespace.name, labels: { 'brightbird.dev/test': 'true' } };
    await api.call({ method: 'POST', path: '/api/v1/namespaces', body: { metadata } });
    await until(() => exists(api, `/api/v1/namespaces/${namespace.name}/serviceaccounts/default`));
    return cluster;
  }

  /** Kills the first process of a pod's container, on its node, which is this machine. */
  async kill(podUid: string): Promise<void> {
    for (const pid of await readdir('/proc')) {
      if (!/^\d+$/.test(pid)) continue;
      const [cgroup, command] = await Promise.all(
        ['cgroup', 'cmdline'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
      );
      if (cgroup?.includes(podUid) && command && !command.includes('2147483647')) kill(Number(pid));
    }
  }

  async close(): Promise<void> {
    const path = `/api/v1/namespaces/${this.namespace.name}`;
    if (await exists(this.api, path)) await this.api.call({ method: 'DELETE', path });
    await this.#docker.getImage(this.image).remove({ force: true });
    await until(async () => !(await exists(this.api, path)));
  }
}

/** Kills a process, which may have ended with its parent already. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function exists(api: Api, path: string): Promise<boolean> {
  try {
    await api.call({ path });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}

export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(50);
}

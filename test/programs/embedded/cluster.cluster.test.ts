import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const script = fileURLToPath(new URL('../../../scripts/cluster.mjs', import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'brightbird-cluster-'));
  await mkdir(join(folder, 'cache'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Writes a program that records its calls, and prints the value of `says` whose key its arguments begin with. */
async function stand(program: string, says: Record<string, string> = {}): Promise<void> {
  const cases = Object.entries(says).map(([args, text]) => `'${args}'*) echo '${text}' ;;`);
  const text = `#!/bin/sh\necho "${program} $*" >> ${folder}/calls\ncase "$*" in ${cases.join(' ')} *) ;; esac\n`;
  await writeFile(join(folder, program), text, { mode: 0o755 });
}

const calls = async () => (await readFile(join(folder, 'calls'), 'utf8')).replaceAll(folder, '<folder>').split('\n');

interface Ended {
  code: number;
  output: string;
}
async function cluster(args: string[] = [], options: { uid?: number } = {}): Promise<Ended> {
  const env = { PATH: folder, HOME: folder, BRIGHTBIRD_CACHE: join(folder, 'cache') };
  const running = promisify(execFile)(process.execPath, [script, ...args], { env, ...options });
  return running.then(
    ({ stdout, stderr }) => ({ code: 0, output: `${stdout}${stderr}` }),
    (error) => ({ code: error.code, output: `${error.stdout}${error.stderr}` }),
  );
}

describe('npm run cluster', () => {
  test('creates a cluster with kind if installed, whose nodes know the registry', async () => {
    await stand('kind', { 'get nodes': 'brightbird-control-plane' });
    await stand('docker');
    const { code, output } = await cluster();
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('REGISTRY=127.0.0.1:5100') });
    expect(output).toContain(`export KUBECONFIG=${folder}/cache/cluster/kubeconfig`);
    const made = await calls();
    expect(made).toEqual(
      expect.arrayContaining([
        'kind create cluster --name brightbird --kubeconfig <folder>/cache/cluster/kubeconfig --wait 3m',
        'docker run --detach --restart=unless-stopped --publish 127.0.0.1:5100:5000 --name brightbird-registry registry:3',
        'docker network connect kind brightbird-registry',
      ]),
    );
    expect(made.join('\n')).toContain('/etc/containerd/certs.d/127.0.0.1:5100/hosts.toml');
  });

  test('keeps an existing cluster and registry of kind', async () => {
    await stand('kind', { 'get clusters': 'brightbird' });
    await stand('docker', { 'ps --all': '5f3c' });
    expect(await cluster()).toMatchObject({ code: 0 });
    const made = (await calls()).filter((call) => /create|docker run/.test(call));
    expect(made).toEqual([]);
  });

  test('creates a cluster with k3d if installed', async () => {
    await stand('k3d', { 'cluster list': '[]' });
    await stand('docker');
    expect(await cluster()).toMatchObject({ code: 0 });
    expect((await calls()).filter((call) => call.startsWith('k3d'))).toEqual([
      'k3d cluster list --output json',
      'k3d cluster create brightbird --registry-config <folder>/cache/cluster/registries.yaml --kubeconfig-update-default=false --wait --timeout 3m',
      'k3d kubeconfig write brightbird --output <folder>/cache/cluster/kubeconfig --overwrite',
    ]);
    const registries = await readFile(join(folder, 'cache/cluster/registries.yaml'), 'utf8');
    expect(registries).toBe('mirrors:\n  "127.0.0.1:5100":\n    endpoint: ["http://brightbird-registry:5000"]\n');
  });

  test('down removes the cluster and its registry', async () => {
    await stand('kind');
    await stand('docker');
    expect(await cluster(['down'])).toMatchObject({ code: 0 });
    expect(await calls()).toEqual(
      expect.arrayContaining([
        expect.stringContaining('kind delete cluster --name brightbird'),
        'docker rm --force --volumes brightbird-registry',
      ]),
    );
  });

  test('prints what to do without kind and k3d if a cluster from source is impossible', async () => {
    if (process.getuid?.() === 0) await chmod(folder, 0o777);
    const { code, output } = await cluster([], process.getuid?.() === 0 ? { uid: 65534 } : {});
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringMatching(/needs Debian and root/) });
    expect(output).toMatch(/install kind .* or k3d .*, or set KUBECONFIG and REGISTRY/);
  });

  test('rejects commands other than up and down', async () => {
    expect(await cluster(['sideways'])).toEqual({ code: 2, output: 'usage: npm run cluster [-- up|down]\n' });
  });
});

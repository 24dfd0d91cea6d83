import { cp, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cache, exists, find, run, stage, withLock } from '../../setup/tools.mjs';
import { coredns, kubectl, kubernetes, versions } from './settings.mjs';

const module = fileURLToPath(new URL('../kubernetes', import.meta.url));
const programs = dirname(kubernetes);

/** Builds Kubernetes with etcd as one program, and CoreDNS, with Go, once per machine. */
export async function ensurePrograms() {
  if (await exists(programs)) return;
  const line = stage('programs');
  const go = await find('go', ['/usr/local/go/bin']);
  if (!go) throw line.failed('no Go on PATH to build Kubernetes', 'install Go 1.24 or newer, or kind or k3d');
  await withLock(join(cache, 'cluster-build.lock'), async () => {
    if (await exists(programs)) return;
    line.begins(`building Kubernetes ${versions.kubernetes} and CoreDNS with Go, about 8 minutes on 2 cores`);
    const folder = await mkdtemp(join(cache, 'cluster-build-'));
    const built = join(folder, 'programs');
    try {
      await buildKubernetes(go, folder, built);
      const source = `github.com/coredns/coredns@v${versions.coredns}`;
      await run(go, ['install', '-ldflags=-s -w', source], { env: { ...process.env, GOBIN: built } });
      await writeFile(join(built, 'kubectl'), `#!/bin/sh\nexec ${kubernetes} kubectl "$@"\n`, { mode: 0o755 });
      await rename(built, programs);
    } catch (error) {
      throw line.failed(
        error.message,
        'check that Go can reach its module proxy (go env GOPROXY), or install kind or k3d',
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  line.done(`${kubernetes}, ${coredns} and ${kubectl} built with Go`);
}

async function buildKubernetes(go, folder, built) {
  // A copy, as Go may write to go.sum.
  const sources = join(folder, 'kubernetes');
  await cp(module, sources, { recursive: true });
  const [major, minor] = versions.kubernetes.split('.');
  const version = Object.entries({ gitVersion: `v${versions.kubernetes}`, gitMajor: major, gitMinor: minor });
  const flags = version.map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`).join(' ');
  await run(go, ['build', '-mod=mod', '-ldflags', `-s -w ${flags}`, '-o', join(built, 'kubernetes'), '.'], {
    cwd: sources,
  });
}

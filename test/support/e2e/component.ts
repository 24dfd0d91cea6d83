import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { simpleGit } from 'simple-git';
import { stringify } from 'yaml';
import type { TestSystem } from './system.ts';

/** A component under test: a git repository with a Dockerfile, and its declarative deploy plugin in the plugin store. */
export interface TestComponent {
  plugin: string;
  imageTarget: string;
  dockerfile: string;
  files?: Record<string, string>;
  service?: Record<string, unknown>;
  build?: Record<string, unknown>;
  repo?: string;
}

const serving = { ports: [{ port: 8080 }], readiness: { path: '/healthz', timeoutSeconds: 120 } };

/** Writes the repository and the plugin of a component. Returns the commit. Call it before the server starts. */
export async function addComponent(system: Pick<TestSystem, 'home'>, component: TestComponent): Promise<string> {
  const path = join(system.home, 'components', component.plugin);
  const commit = await makeRepository(path, { ...component.files, Dockerfile: component.dockerfile });
  const store = join(system.home, 'plugins', component.plugin);
  await mkdir(store, { recursive: true });
  const plugin = {
    name: component.plugin,
    version: 'v1.0.0',
    pluginType: 'Deployer',
    repo: component.repo ?? `file://${path}`,
    imageTarget: component.imageTarget,
    ...(component.build && { build: component.build }),
    service: { ...serving, ...component.service },
  };
  await writeFile(join(store, 'plugin.yaml'), stringify(plugin));
  return commit;
}

/**
 * Writes a repository with this full name and its program plugin `nothing`, the cheapest step with a component. Returns the
 * name of its images, for their removal. Call it before a server with allowed file URLs starts.
 */
export async function addTestedRepository(home: string, fullName: string): Promise<string> {
  const path = join(home, 'components', fullName);
  await makeRepository(path, { Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' });
  const imageTarget = `brightbird-test/nothing-${randomBytes(4).toString('hex')}`;
  const info = { name: 'nothing', version: 'v1.0.0', pluginType: 'Exec', repo: `file://${path}`, imageTarget };
  await mkdir(join(home, 'plugins'), { recursive: true });
  const program = `#!/bin/sh\n[ "$1" != info ] || echo '${JSON.stringify(info)}'\n`;
  await writeFile(join(home, 'plugins', 'nothing'), program, { mode: 0o755 });
  return imageTarget;
}

async function makeRepository(path: string, files: Record<string, string>): Promise<string> {
  await mkdir(path, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  const git = simpleGit(path);
  await git.init(['--initial-branch=main']);
  await git.addConfig('user.name', 'test').addConfig('user.email', 'test@brightbird.invalid');
  await git.add('.').commit('Add the component');
  return git.revparse(['HEAD']);
}

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { simpleGit } from 'simple-git';
import { stringify } from 'yaml';
import type { TestSystem } from './system.ts';

/** A component of a test: a git repository with a Dockerfile, and a declarative deploy plugin for it in the plugin store. */
export interface TestComponent {
  plugin: string;
  imageTarget: string;
  dockerfile: string;
  files?: Record<string, string>;
  service?: Record<string, unknown>;
  build?: Record<string, unknown>;
  repo?: string;
}

const serving = { ports: [{ port: 8080 }], readiness: { path: '/healthz', timeoutSeconds: 20 } };

/** Writes the component's repository and plugin; answers with the repository's commit. Call it before the server starts. */
export async function addComponent(system: Pick<TestSystem, 'home'>, component: TestComponent): Promise<string> {
  const path = join(system.home, 'components', component.plugin);
  await mkdir(path, { recursive: true });
  for (const [name, text] of Object.entries({ ...component.files, Dockerfile: component.dockerfile })) {
    await writeFile(join(path, name), text);
  }
  const git = simpleGit(path);
  await git.init(['--initial-branch=main']);
  await git.addConfig('user.name', 'test').addConfig('user.email', 'test@brightbird.invalid');
  await git.add('.').commit(`Add ${component.plugin}`);
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
  return git.revparse(['HEAD']);
}

import type { Plugin } from '../../../../src/model/plugin.ts';
import { bash } from '../../../../src/services/plugins/builtin/bash.ts';

export { bash };

/** Returns a version of a deploy plugin with a component that BrightBird builds. */
export const greeter = (version: string, more: Partial<Plugin> = {}): Plugin => ({
  name: 'greeter-deploy',
  version,
  pluginType: 'Deployer',
  form: 'declarative',
  description: '',
  repo: 'https://git.invalid/team/greeter.git',
  imageTarget: 'greeter',
  inputSchema: { type: 'object', properties: { replicas: { type: 'integer' } }, additionalProperties: false },
  outputSchema: { type: 'object', properties: { svcEndpoint: { type: 'string' } }, additionalProperties: false },
  labels: [],
  ...more,
});

/** Returns a plugin that is a program of the plugin store. */
export const program = (name: string, file: string): Plugin => ({
  name,
  version: 'v1.0.0',
  pluginType: 'Exec',
  form: 'executable',
  description: '',
  inputSchema: { type: 'object' },
  outputSchema: { type: 'object' },
  labels: [],
  file,
  checksum: 'c'.repeat(64),
});

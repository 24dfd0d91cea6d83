import type { Plugin } from '../../model/plugin.ts';
import { bash } from './builtin/bash.ts';
import { deployService } from './builtin/deploy-service.ts';
import { httpCheck } from './builtin/http-check.ts';
import { pvc } from './builtin/pvc.ts';
import { testEnv } from './builtin/test-env.ts';

/** The plugins that are part of the runner. */
export const builtinPlugins: readonly Plugin[] = [bash, deployService, httpCheck, pvc, testEnv];

/** Returns true when a plugin has the name and version of a built-in one, whatever its source. */
export function isBuiltin({ name, version }: Pick<Plugin, 'name' | 'version'>): boolean {
  return builtinPlugins.some((builtin) => builtin.name === name && builtin.version === version);
}

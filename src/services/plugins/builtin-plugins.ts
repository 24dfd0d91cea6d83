import type { Plugin } from '../../model/plugin.ts';
import { bash } from './builtin/bash.ts';
import { deployService } from './builtin/deploy-service.ts';
import { httpCheck } from './builtin/http-check.ts';
import { pvc } from './builtin/pvc.ts';
import { testEnv } from './builtin/test-env.ts';

/** The plugins that the runner has in itself. */
export const builtinPlugins: readonly Plugin[] = [bash, deployService, httpCheck, pvc, testEnv];

/** True for a name and version that are built in, whatever they come from. */
export function isBuiltin({ name, version }: Pick<Plugin, 'name' | 'version'>): boolean {
  return builtinPlugins.some((builtin) => builtin.name === name && builtin.version === version);
}

import type { Plugin } from '../model/plugin.ts';
import { bash } from './builtin/bash.ts';
import { deployService } from './builtin/deploy-service.ts';
import { httpCheck } from './builtin/http-check.ts';

/** The plugins that the runner has in itself. */
export const builtinPlugins: readonly Plugin[] = [bash, deployService, httpCheck];

import type Docker from 'dockerode';
import type { ScriptRunner } from '../../../model/ports/build-scripts.ts';
import type { AccountOf } from '../accounts.ts';
import { sweepBuilders } from './builder-container.ts';
import { ensureBuilder } from './ensure-builder.ts';
import { runInBuilder } from './run-in-builder.ts';
import { runScript } from './run-script.ts';

export function createScriptRunner(docker: Docker, accountOf: AccountOf): ScriptRunner {
  return {
    run: runScript,
    async runInBuilder(request) {
      await ensureBuilder(docker, accountOf, request.builder, request.signal);
      return runInBuilder(docker, request);
    },
    sweep: () => sweepBuilders(docker),
  };
}

import type Docker from 'dockerode';
import type { AccountOf } from '../accounts.ts';
import { sweepBuilders } from './builder-container.ts';
import { ensureBuilder } from './ensure-builder.ts';
import { type BuilderRequest, runInBuilder } from './run-in-builder.ts';
import { runScript, type ScriptRequest } from './run-script.ts';

/** Runs build scripts, whose output is told line by line. Both throw `build_failed`; an abort throws the signal's reason. */
export interface ScriptRunner {
  /** On this machine, in the folder `source` of `directory`. */
  run(directory: string, request: ScriptRequest): Promise<void>;
  /** In a container of the builder's image, which is pulled where the engine lacks it. */
  runInBuilder(request: BuilderRequest): Promise<void>;
  /** Removes the containers that killed workers left. */
  sweep(): Promise<void>;
}

export function createScriptRunner(docker: Docker, accountOf: AccountOf): ScriptRunner {
  return {
    run: runScript,
    async runInBuilder(request) {
      await ensureBuilder(docker, accountOf, request.builder, request.signal);
      await runInBuilder(docker, request);
    },
    sweep: () => sweepBuilders(docker),
  };
}

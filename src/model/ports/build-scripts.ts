import type { Mask } from '../mask.ts';

export interface ScriptRequest {
  /** Image to build, for messages. */
  image: string;
  script: string;
  /** Environment of the script besides PATH and HOME. */
  env: Readonly<Record<string, string>>;
  mask: Mask;
  /** Receives the output line by line, in order, with backpressure. */
  onOutput(line: string): void | Promise<void>;
  signal: AbortSignal;
}

export interface BuilderRequest extends ScriptRequest {
  /** Image of the container; the engine must have it. */
  builder: string;
  /** Path of a tar file with the sources. */
  tarPath: string;
  /** Folder of the sources that is the Dockerfile's context. */
  context: string;
}

/** Runs build scripts. Both methods throw `build_failed`; an abort throws the signal's reason. */
export interface ScriptRunner {
  /** Runs the script on this machine, in the folder `source` of `directory`. */
  run(directory: string, request: ScriptRequest): Promise<void>;
  /**
   * Runs the script in a container of the builder's image, which is pulled if missing. Returns the path of a tar file with the
   * context, beside `tarPath`; the caller must delete it.
   */
  runInBuilder(request: BuilderRequest): Promise<string>;
  /** Removes stale containers of killed workers. */
  sweep(): Promise<void>;
}

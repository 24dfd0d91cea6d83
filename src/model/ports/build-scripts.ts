import type { Mask } from '../mask.ts';

export interface ScriptRequest {
  /** The image that is to come of it, for messages. */
  image: string;
  script: string;
  /** All that the script finds in its environment besides PATH and HOME. */
  env: Readonly<Record<string, string>>;
  mask: Mask;
  /** Takes the output line by line, in order; the script waits for it. */
  onOutput(line: string): void | Promise<void>;
  signal: AbortSignal;
}

export interface BuilderRequest extends ScriptRequest {
  /** Image of the container, which the engine has. */
  builder: string;
  /** A tar file of the sources. */
  tarPath: string;
  /** The folder of the sources that the Dockerfile gets. */
  context: string;
}

/** Runs build scripts, whose output is told line by line. Both throw `build_failed`; an abort throws the signal's reason. */
export interface ScriptRunner {
  /** On this machine, in the folder `source` of `directory`. */
  run(directory: string, request: ScriptRequest): Promise<void>;
  /**
   * In a container of the builder's image, which is pulled where the engine lacks it. Returns the path of a tar file with the
   * context, beside `tarPath`, for the caller to use and remove.
   */
  runInBuilder(request: BuilderRequest): Promise<string>;
  /** Removes the containers that killed workers left. */
  sweep(): Promise<void>;
}

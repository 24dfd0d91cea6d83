import type Docker from 'dockerode';

type DialOptions = Parameters<Docker['modem']['dial']>[0];

/** Asks the engine for what dockerode has no call for. Rejects as its calls do: with `statusCode` where the engine refused. */
export function dial<T>(docker: Docker, options: DialOptions): Promise<T> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(options, (error: Error | null, answer) => (error ? reject(error) : resolve(answer as T)));
  });
}

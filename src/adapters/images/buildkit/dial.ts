import type Docker from 'dockerode';

type DialOptions = Parameters<Docker['modem']['dial']>[0];

/** Sends the engine a request that dockerode does not support. Rejects like dockerode, with `statusCode` for an error response. */
export function dial<T>(docker: Docker, options: DialOptions): Promise<T> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(options, (error: Error | null, answer) => (error ? reject(error) : resolve(answer as T)));
  });
}

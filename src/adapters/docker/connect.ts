import Docker from 'dockerode';

/** The part of docker-modem, which has no types, that is replaced. */
interface Modem {
  buildRequest(options: object, context: object, data: unknown, callback: Callback): void;
}
type Callback = (error: Error | null, answer: unknown) => void;

/**
 * Returns a client of the engine at DOCKER_HOST or the default socket; every client is made here. It follows no
 * redirects: the engine redirects a path that it normalizes, and docker-modem would then ask a network host named like
 * a part of the path.
 */
export function connectDocker(options?: Docker.DockerOptions): Docker {
  const docker = new Docker(options);
  // Its types declare the replaced method private.
  const modem = docker.modem as unknown as Modem;
  const request = modem.buildRequest.bind(modem);
  modem.buildRequest = (more, context, data, callback) => {
    request({ ...more, maxRedirects: 0 }, context, data, (error, answer) => {
      callback(error?.message.startsWith('Max redirects exceeded') ? redirectError(error) : error, answer);
    });
  };
  return docker;
}

/** Returns the error of a redirect, with its status like other unexpected answers. */
function redirectError(cause: Error): Error {
  const message = 'the engine answered with a redirect: the requested name is not valid';
  return Object.assign(new Error(message, { cause }), { statusCode: 301 });
}

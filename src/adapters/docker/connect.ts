import Docker from 'dockerode';

/** What of docker-modem, which has no types, is replaced. */
interface Modem {
  buildRequest(options: object, context: object, data: unknown, callback: Callback): void;
}
type Callback = (error: Error | null, answer: unknown) => void;

/**
 * A client of the engine of DOCKER_HOST or of the default socket, the only way to one here. It follows no redirects: the engine
 * sends one for a path that it cleans, and docker-modem would ask a host of the network that is named like a part of the path.
 */
export function connectDocker(options?: Docker.DockerOptions): Docker {
  const docker = new Docker(options);
  // Its types call what is replaced private.
  const modem = docker.modem as unknown as Modem;
  const request = modem.buildRequest.bind(modem);
  modem.buildRequest = (more, context, data, callback) => {
    request({ ...more, maxRedirects: 0 }, context, data, (error, answer) => {
      callback(error?.message.startsWith('Max redirects exceeded') ? redirected(error) : error, answer);
    });
  };
  return docker;
}

/** As other answers that are not expected: with its status. */
function redirected(cause: Error): Error {
  const message = 'the engine answered with a redirect: what is asked for is not a name that it can have';
  return Object.assign(new Error(message, { cause }), { statusCode: 301 });
}

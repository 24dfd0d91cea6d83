import type Docker from 'dockerode';
import type { Container } from 'dockerode';
import { pack } from 'tar-stream';
import type { DeployedService } from '../../model/deployed-service.ts';
import { instanceLabel, type Role, roleLabel, sourceLabel } from '../../model/engine/labels.ts';
import { Fault } from '../../model/fault.ts';
import { dnsName } from '../../model/names.ts';
import { annotationNames, labelNames } from '../../model/run.ts';
import { answerOf, isConflict, isGone, statusOf } from './engine-errors.ts';
import { logConfig } from './log-config.ts';
import { serviceOptions } from './service-options.ts';
import type { ServicePlace, ServiceRequest } from './services-request.ts';
import { volumeMounts } from './volumes.ts';

const role: Role = 'component';

/** One container of a service. */
export interface Replica {
  container: Container;
  /** Its name in the network, in its log and in messages. */
  name: string;
  address: string;
}

/** Removes the containers of the instance that a crashed try of the same step, or an attempt before, has left. */
export async function removeLeftOvers(docker: Docker, { labels, instance }: ServicePlace): Promise<void> {
  const { [labelNames.retry]: _retry, [annotationNames.attempt]: _attempt, ...ofRun } = labels;
  const label = Object.entries({ ...ofRun, ...componentLabels(instance) }).map(([key, value]) => `${key}=${value}`);
  const found = await docker.listContainers({ all: true, filters: { label } });
  await Promise.all(
    found.map(({ Id }) =>
      docker
        .getContainer(Id)
        .remove({ force: true, v: true })
        .catch((error: unknown) => {
          if (!isGone(error)) throw error;
        }),
    ),
  );
}

/** Creates and starts the container of replica `index`, with its config files in it. */
export async function startReplica(request: ServiceRequest, name: string, index: number): Promise<Replica> {
  const { docker, place, image, service, print, signal } = request;
  const shown = `${place.instance}-${index}`;
  const dns = dnsName(place.instance);
  const host = `${dns}-${index}`;
  signal.throwIfAborted();
  const options = serviceOptions(service);
  const container = await docker
    .createContainer({
      ...options,
      name,
      Image: image,
      Hostname: host,
      ...(service.command && { Entrypoint: service.command }),
      ...(service.args && { Cmd: service.args }),
      Env: Object.entries(service.env).map(([key, value]) => `${key}=${value}`),
      Labels: { ...place.labels, ...componentLabels(place.instance), [sourceLabel]: shown },
      HostConfig: {
        ...options.HostConfig,
        NetworkMode: place.network,
        LogConfig: logConfig,
        Mounts: volumeMounts(service),
      },
      NetworkingConfig: { EndpointsConfig: { [place.network]: { Aliases: [dns, host] } } },
    })
    .catch((error: unknown) => {
      throw isConflict(error) ? taken(name, error) : notStarted(shown, error);
    });
  if (service.configFiles.length > 0) await putConfigFiles(container, service.configFiles);
  signal.throwIfAborted();
  await container.start().catch((error: unknown) => {
    throw notStarted(shown, error);
  });
  const { NetworkSettings } = await container.inspect();
  await print(`${shown}: started from image ${image}`);
  return { container, name: shown, address: NetworkSettings.Networks[place.network]?.IPAddress ?? '' };
}

function componentLabels(instance: string): Record<string, string> {
  return { [labelNames.appType]: role, [roleLabel]: role, [instanceLabel]: instance };
}

async function putConfigFiles(container: Container, files: DeployedService['configFiles']): Promise<void> {
  const archive = pack();
  for (const { path, content } of files) archive.entry({ name: path.slice(1), mode: 0o644 }, content);
  archive.finalize();
  // A stream of streamx, whose types are not Node's.
  await container.putArchive(archive as unknown as NodeJS.ReadableStream, { path: '/' });
}

function taken(name: string, cause: unknown): Fault {
  return new Fault('conflict', `the engine has a container named ${name} that is not of this run`, {
    hint: `remove it: docker rm -f ${name}`,
    cause,
  });
}

/** What the engine refuses is a mistake of the service's description: a command that does not exist, for one. */
function notStarted(name: string, cause: unknown): unknown {
  if (statusOf(cause) !== 400) return cause;
  return new Fault('component_not_ready', `${name} cannot be started: ${answerOf(cause)}`, { cause });
}

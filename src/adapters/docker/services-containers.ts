import type Docker from 'dockerode';
import type { Container } from 'dockerode';
import { pack } from 'tar-stream';
import type { DeployedService } from '../../model/deployed-service.ts';
import { instanceLabel, type Role, roleLabel, sourceLabel } from '../../model/engine/labels.ts';
import { replicaSource } from '../../model/engine/replica-source.ts';
import { Fault } from '../../model/fault.ts';
import { dnsName } from '../../model/names.ts';
import { annotationNames, labelNames } from '../../model/run.ts';
import { isConflict, isGone, messageOf, statusOf } from './engine-errors.ts';
import { logConfig } from './log-config.ts';
import { serviceOptions } from './service-options.ts';
import type { ServicePlace, ServiceRequest } from './services-request.ts';
import { volumeMounts } from './volumes.ts';

const role: Role = 'component';

/** Container of a service. */
export interface Replica {
  container: Container;
  /** Source of its log, see replicaSource; its DNS name is derived from it. */
  name: string;
  address: string;
}

/** Removes containers of the instance that a crashed try of the same step, or an earlier attempt, has left. */
export async function removeStaleContainers(docker: Docker, { labels, instance }: ServicePlace): Promise<void> {
  const { [labelNames.retry]: _retry, [annotationNames.attempt]: _attempt, ...runLabels } = labels;
  const label = Object.entries({ ...runLabels, ...componentLabels(instance) }).map(([key, value]) => `${key}=${value}`);
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

/** Creates and starts the container of replica `index` with its config files. */
export async function startReplica(request: ServiceRequest, name: string, index: number): Promise<Replica> {
  const { docker, place, image, service, print, signal } = request;
  const source = replicaSource(place.instance, index);
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
      Labels: { ...place.labels, ...componentLabels(place.instance), [sourceLabel]: source },
      HostConfig: {
        ...options.HostConfig,
        NetworkMode: place.network,
        LogConfig: logConfig,
        Mounts: volumeMounts(service),
      },
      NetworkingConfig: { EndpointsConfig: { [place.network]: { Aliases: [dns, host] } } },
    })
    .catch((error: unknown) => {
      throw isConflict(error) ? nameConflict(name, error) : startFault(source, error);
    });
  if (service.configFiles.length > 0) await putConfigFiles(container, service.configFiles);
  signal.throwIfAborted();
  await container.start().catch((error: unknown) => {
    throw startFault(source, error);
  });
  const { NetworkSettings } = await container.inspect();
  await print(`${source}: started from image ${image}`);
  return { container, name: source, address: NetworkSettings.Networks[place.network]?.IPAddress ?? '' };
}

function componentLabels(instance: string): Record<string, string> {
  return { [labelNames.appType]: role, [roleLabel]: role, [instanceLabel]: instance };
}

async function putConfigFiles(container: Container, files: DeployedService['configFiles']): Promise<void> {
  const archive = pack();
  for (const { path, content } of files) archive.entry({ name: path.slice(1), mode: 0o644 }, content);
  archive.finalize();
  // A stream of streamx, whose types differ from Node's.
  await container.putArchive(archive as unknown as NodeJS.ReadableStream, { path: '/' });
}

function nameConflict(name: string, cause: unknown): Fault {
  return new Fault('conflict', `the engine has a container named ${name} that does not belong to this run`, {
    hint: `remove it: docker rm -f ${name}`,
    cause,
  });
}

/** Converts a refusal by the engine, such as of a missing command, to `component_not_ready`; keeps other errors. */
function startFault(name: string, cause: unknown): unknown {
  if (statusOf(cause) !== 400) return cause;
  return new Fault('component_not_ready', `${name} cannot be started: ${messageOf(cause)}`, { cause });
}

import type { ContainerCreateOptions, HostConfig } from 'dockerode';
import type { DeployedService } from '../../model/deployed-service.ts';
import { bytes, nanoCpus } from '../../model/engine/quantity.ts';
import { Fault } from '../../model/fault.ts';
import type { Placement } from '../../model/placement.ts';

/** What only a cluster can do. */
const ofClusters = ['nodeSelector', 'tolerations', 'imagePullSecrets'] as const;

/**
 * Returns the options of a component's containers for the resources and rights that its service asks for. Throws
 * `input_invalid` with the place of what a container of the engine cannot have.
 */
export function serviceOptions(service: DeployedService): ContainerCreateOptions {
  for (const name of ofClusters) if (service[name] !== undefined) throw refused(name, `on Docker there is no ${name}`);
  const { securityContext = {}, configFiles } = service;
  const { runAsUser, runAsGroup } = securityContext;
  if (runAsGroup !== undefined && runAsUser === undefined) {
    throw refused('securityContext.runAsGroup', 'on Docker runAsGroup needs runAsUser');
  }
  if (securityContext.runAsNonRoot && !runAsUser) {
    throw refused('securityContext.runAsNonRoot', 'on Docker runAsNonRoot needs a runAsUser that is not 0');
  }
  if (securityContext.readOnlyRootFilesystem && configFiles.length > 0) {
    const problem =
      'on Docker config files are written into the container, so its root file system cannot be read-only';
    throw refused('securityContext.readOnlyRootFilesystem', problem);
  }
  const user = [runAsUser, runAsGroup].filter((one) => one !== undefined).join(':');
  return { ...(user !== '' && { User: user }), HostConfig: { ...resources(service), ...rights(securityContext) } };
}

function resources({ resources: { limits = {}, requests = {} } = {} }: Placement): HostConfig {
  for (const [kind, values] of Object.entries({ limits, requests })) {
    const other = Object.keys(values).find((name) => name !== 'cpu' && name !== 'memory');
    if (other) throw refused(`resources.${kind}.${other}`, `on Docker there are only cpu and memory, not ${other}`);
  }
  const memory = limits.memory === undefined ? undefined : bytes(limits.memory, 'service.resources.limits.memory');
  return {
    // Equal, so that there is no swap beyond the limit.
    ...(memory !== undefined && { Memory: memory, MemorySwap: memory }),
    ...(requests.memory !== undefined && {
      MemoryReservation: bytes(requests.memory, 'service.resources.requests.memory'),
    }),
    ...(limits.cpu !== undefined && { NanoCpus: nanoCpus(limits.cpu, 'service.resources.limits.cpu') }),
  };
}

function rights(context: NonNullable<Placement['securityContext']>): HostConfig {
  const { capabilities, privileged, readOnlyRootFilesystem, allowPrivilegeEscalation } = context;
  return {
    ...(capabilities?.add && { CapAdd: capabilities.add }),
    ...(capabilities?.drop && { CapDrop: capabilities.drop }),
    ...(privileged !== undefined && { Privileged: privileged }),
    ...(readOnlyRootFilesystem !== undefined && { ReadonlyRootfs: readOnlyRootFilesystem }),
    ...(allowPrivilegeEscalation === false && { SecurityOpt: ['no-new-privileges'] }),
  };
}

function refused(path: string, message: string): Fault {
  return new Fault('input_invalid', `service.${path}: ${message}`, {
    where: { path: `service.${path}` },
    hint: 'leave it out, or use the Kubernetes runtime',
  });
}

import type { ContainerCreateOptions, HostConfig } from 'dockerode';
import type { DeployedService } from '../../model/deployed-service.ts';
import { parseBytes, parseNanoCpus } from '../../model/engine/quantity.ts';
import { Fault } from '../../model/fault.ts';
import type { Placement } from '../../model/placement.ts';

/** Fields that only a cluster supports. */
const clusterOnlyFields = ['nodeSelector', 'tolerations', 'imagePullSecrets'] as const;

/**
 * Returns the options of a component's containers for the resources and rights of its service. Throws `input_invalid`
 * with the place of a field that Docker does not support.
 */
export function serviceOptions(service: DeployedService): ContainerCreateOptions {
  for (const name of clusterOnlyFields) {
    if (service[name] !== undefined) throw inputFault(name, `${name} is not supported on Docker`);
  }
  const { securityContext = {}, configFiles } = service;
  const { runAsUser, runAsGroup } = securityContext;
  if (runAsGroup !== undefined && runAsUser === undefined) {
    throw inputFault('securityContext.runAsGroup', 'on Docker runAsGroup needs runAsUser');
  }
  if (securityContext.runAsNonRoot && !runAsUser) {
    throw inputFault('securityContext.runAsNonRoot', 'on Docker runAsNonRoot needs a runAsUser that is not 0');
  }
  if (securityContext.readOnlyRootFilesystem && configFiles.length > 0) {
    const problem =
      'on Docker config files are written into the container, so its root file system cannot be read-only';
    throw inputFault('securityContext.readOnlyRootFilesystem', problem);
  }
  const user = [runAsUser, runAsGroup].filter((one) => one !== undefined).join(':');
  return {
    ...(user !== '' && { User: user }),
    HostConfig: { ...resourceLimits(service), ...securityOptions(securityContext) },
  };
}

function resourceLimits({ resources: { limits = {}, requests = {} } = {} }: Placement): HostConfig {
  for (const [kind, values] of Object.entries({ limits, requests })) {
    const other = Object.keys(values).find((name) => name !== 'cpu' && name !== 'memory');
    if (other)
      throw inputFault(`resources.${kind}.${other}`, `on Docker only cpu and memory are supported, not ${other}`);
  }
  const memory = limits.memory === undefined ? undefined : parseBytes(limits.memory, 'service.resources.limits.memory');
  return {
    // Equal values leave no swap beyond the limit.
    Memory: memory,
    MemorySwap: memory,
    ...(requests.memory !== undefined && {
      MemoryReservation: parseBytes(requests.memory, 'service.resources.requests.memory'),
    }),
    ...(limits.cpu !== undefined && { NanoCpus: parseNanoCpus(limits.cpu, 'service.resources.limits.cpu') }),
  };
}

function securityOptions(context: NonNullable<Placement['securityContext']>): HostConfig {
  const { capabilities, privileged, readOnlyRootFilesystem, allowPrivilegeEscalation } = context;
  return {
    CapAdd: capabilities?.add,
    CapDrop: capabilities?.drop,
    Privileged: privileged,
    ReadonlyRootfs: readOnlyRootFilesystem,
    ...(allowPrivilegeEscalation === false && { SecurityOpt: ['no-new-privileges'] }),
  };
}

function inputFault(path: string, message: string): Fault {
  return new Fault('input_invalid', `service.${path}: ${message}`, {
    where: { path: `service.${path}` },
    hint: 'remove it, or use the Kubernetes runtime',
  });
}

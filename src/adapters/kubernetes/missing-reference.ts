import type { FaultCode } from '../../model/fault.ts';

interface Missing {
  code: FaultCode;
  problem: string;
  hint: string;
}

/** Finds a missing claim of a pod in the scheduler's message (VolumeBinding plugin). */
export function missingClaim(message: string, namespace: string): Missing | undefined {
  const [, claim] = /persistentvolumeclaim "([^"]+)" not found/.exec(message) ?? [];
  if (claim === undefined) return undefined;
  return {
    code: 'container_config',
    problem: `mounts the PersistentVolumeClaim ${claim}, which does not exist: ${message}`,
    hint: `create it or correct its name: kubectl get pvc -n ${namespace}`,
  };
}

/** Finds a missing Secret or ConfigMap of a pod, or missing keys of one, in the pod's events. */
export function missingMount(events: string): Missing | undefined {
  const line = events.split('\n').findLast((one) => one.startsWith('FailedMount'));
  const [, volume, kind, name] = /for volume "([^"]+)" : (secret|configmap) "([^"]+)" not found/.exec(line ?? '') ?? [];
  if (kind === undefined) {
    const [, keysVolume, keys] =
      /for volume "([^"]+)" : (references non-existent (?:secret|config) key: \S+)/.exec(line ?? '') ?? [];
    if (keys === undefined) return undefined;
    return {
      code: 'container_config',
      problem: `cannot mount its volume ${keysVolume}: ${keys}`,
      hint: 'correct the keys of its items',
    };
  }
  return {
    code: 'container_config',
    problem: `cannot mount its volume ${volume}: the ${kind} ${name} does not exist`,
    hint: `create it or correct its name: kubectl get ${kind} ${name}`,
  };
}

import type { PodContainer, PodManifest } from '../../model/engine/manifest.ts';
import { Fault } from '../../model/fault.ts';

/** Fields that are converted, or that only matter for scheduling and rights in a cluster. */
const podFields = new Set([
  'affinity',
  'automountServiceAccountToken',
  'containers',
  'dnsPolicy',
  'enableServiceLinks',
  'imagePullSecrets',
  'initContainers',
  'nodeName',
  'nodeSelector',
  'preemptionPolicy',
  'priority',
  'priorityClassName',
  'restartPolicy',
  'schedulerName',
  'serviceAccount',
  'serviceAccountName',
  'terminationGracePeriodSeconds',
  'tolerations',
  'topologySpreadConstraints',
  'volumes',
]);
const containerFields = new Set([
  'args',
  'command',
  'env',
  'image',
  'imagePullPolicy',
  'name',
  'ports',
  'resources',
  'terminationMessagePath',
  'terminationMessagePolicy',
  'volumeMounts',
  'workingDir',
]);

/** Returns the Pod's only container. Throws template_invalid for fields that Docker does not support. */
export function checkSupported({ spec }: PodManifest): PodContainer {
  const [container, second] = spec.containers;
  if (!container) throw templateFault('spec.containers', 'the runner has no container');
  if (second) throw templateFault('spec.containers[1]', 'on Docker a runner can have only one container');
  if (spec.initContainers?.length)
    throw templateFault('spec.initContainers', 'init containers are not supported on Docker');
  checkFields('spec', spec, podFields);
  checkFields('spec.containers[0]', container, containerFields);
  return container;
}

function checkFields(path: string, object: object, known: ReadonlySet<string>): void {
  for (const [name, value] of Object.entries(object)) {
    if (!known.has(name) && value !== null && value !== undefined) {
      throw templateFault(`${path}.${name}`, `${name} is not supported on Docker`);
    }
  }
}

/** Returns the fault of a template with a field that Docker does not support. */
export function templateFault(path: string, message: string): Fault {
  return new Fault('template_invalid', message, {
    where: { path },
    hint: 'change the runner template, or use the Kubernetes runtime',
  });
}

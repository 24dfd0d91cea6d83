import type { PodContainer, PodManifest } from '../../model/engine/manifest.ts';
import { Fault } from '../../model/fault.ts';

/** Fields that are mapped, or only tell a cluster where and with which rights to place a Pod. */
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

/** The Pod's one container. Throws template_invalid at what a container of the engine cannot do. */
export function checkSupported({ spec }: PodManifest): PodContainer {
  const [container, second] = spec.containers;
  if (!container) throw refused('spec.containers', 'the runner has no container');
  if (second) throw refused('spec.containers[1]', 'on Docker a runner has one container');
  if (spec.initContainers?.length) throw refused('spec.initContainers', 'on Docker a runner has no init containers');
  checkFields('spec', spec, podFields);
  checkFields('spec.containers[0]', container, containerFields);
  return container;
}

function checkFields(path: string, object: object, known: ReadonlySet<string>): void {
  for (const [name, value] of Object.entries(object)) {
    if (!known.has(name) && value !== null && value !== undefined) {
      throw refused(`${path}.${name}`, `on Docker a runner cannot have ${name}`);
    }
  }
}

/** A template that asks for what Docker does not have. */
export function refused(path: string, message: string): Fault {
  return new Fault('template_invalid', message, {
    where: { path },
    hint: 'change the template of the runner, or use the Kubernetes runtime',
  });
}

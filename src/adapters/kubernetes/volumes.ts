import { ownerReference } from '../../language/manifests/owner-reference.ts';
import { Fault } from '../../model/fault.ts';
import { annotationNames } from '../../model/run.ts';
import { apiFault, isConflict } from './api-errors.ts';
import type { Namespace } from './resources.ts';
import type { ServiceRequest } from './service-request.ts';

export interface Claim {
  name: string;
  /** A quantity, such as `1Gi`. */
  size: string;
  accessMode: string;
}

/** Creates a claim with the run's marks, unless the run has it already. Throws `conflict` if another run has it. */
export async function createVolume(
  namespace: Namespace,
  { owner, labels, annotations }: ServiceRequest['marks'],
  { name, size, accessMode }: Claim,
): Promise<void> {
  try {
    await namespace.create('PersistentVolumeClaim', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, labels, annotations, ownerReferences: [ownerReference(owner)] },
      spec: { accessModes: [accessMode], resources: { requests: { storage: size } } },
    });
    return;
  } catch (error) {
    if (!isConflict(error)) throw apiFault(error, `creating the volume ${name}`);
  }
  const { metadata } = await namespace.get('PersistentVolumeClaim', name);
  if (metadata.annotations[annotationNames.run] === annotations[annotationNames.run]) return;
  throw new Fault(
    'conflict',
    `the namespace has a PersistentVolumeClaim named ${name} that does not belong to this run`,
    {
      hint: `remove it: kubectl delete pvc ${name} -n ${namespace.name}`,
    },
  );
}

import { type Owner, ownerReference } from '../../language/manifests/owner-reference.ts';
import { type Role, roleLabel, selectorLabels } from '../../model/engine/labels.ts';
import { annotationNames, type RunIdentity, runAnnotations } from '../../model/run.ts';
import type { Metadata } from './resources.ts';

/** Metadata of a run's object: labels to find it, annotations to identify its run, and the owner it is removed with. */
export interface Marks {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  ownerReferences?: object[];
}

export function marksOf(run: RunIdentity, role: Role, owner?: Owner): Marks {
  return {
    labels: selectorLabels(run, role),
    annotations: runAnnotations(run),
    ...(owner && { ownerReferences: [ownerReference(owner)] }),
  };
}

/** Returns the id of the Temporal run that created the object; undefined for plugins' objects with labels alone. */
export function runIdOf({ annotations }: Metadata): string | undefined {
  return annotations[annotationNames.run];
}

/** Tells whether it is the attempt's runner or a component of the run, which stays while the environment is held. */
export function isOfAttempt(metadata: Metadata, run: RunIdentity): boolean {
  const { annotations } = metadata;
  const runId = annotations[annotationNames.run];
  // Objects of plugins name no run.
  if (runId === undefined) return true;
  return runId === run.runId && (!isRunner(metadata) || annotations[annotationNames.attempt] === String(run.attempt));
}

export const isRunner = ({ labels }: Metadata): boolean => labels[roleLabel] === 'runner';

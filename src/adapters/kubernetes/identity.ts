import { type Owner, ownerReference } from '../../language/manifests/owner-reference.ts';
import { findingLabels, type Role, roleLabel } from '../../model/engine/labels.ts';
import { annotationNames, makerOf, type RunIdentity } from '../../model/run.ts';
import type { Metadata } from './resources.ts';

/** What makes an object part of a run: by its labels it is found, by its annotations known, and with its owner it goes. */
export interface Marks {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  ownerReferences?: object[];
}

export function marksOf(run: RunIdentity, role: Role, owner?: Owner): Marks {
  return {
    labels: findingLabels(run, role),
    annotations: makerOf(run),
    ...(owner && { ownerReferences: [ownerReference(owner)] }),
  };
}

/** The Temporal run that made the object; undefined of what a plugin has made, which knows labels alone. */
export function runIdOf({ annotations }: Metadata): string | undefined {
  return annotations[annotationNames.run];
}

/** The attempt's runner, or a component of the run: those of an attempt before live on while the environment is held. */
export function isOfAttempt(metadata: Metadata, run: RunIdentity): boolean {
  const { annotations } = metadata;
  const runId = annotations[annotationNames.run];
  // What plugins have made carries no run.
  if (runId === undefined) return true;
  return runId === run.runId && (!isRunner(metadata) || annotations[annotationNames.attempt] === String(run.attempt));
}

export const isRunner = ({ labels }: Metadata): boolean => labels[roleLabel] === 'runner';
